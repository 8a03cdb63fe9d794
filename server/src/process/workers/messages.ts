import type { CountScope } from "../../limits/peer-counts.js";
import type { Readiness } from "../../ops/health.js";
import type { MetricsData } from "../../ops/metrics/metrics.js";

/** One connection more or less, or several at once. */
export interface CountChange {
  scope: CountScope;
  key: string;
  by: number;
}

/** What a worker can ask all workers for, and what each answers. */
export interface Answers {
  readiness: Readiness;
  metrics: MetricsData;
}

export type Question = keyof Answers;

/** An answer, and whose it is. It is null when the worker did not answer in time. */
export interface Answer {
  worker: number;
  value: Answers[Question] | null;
}

/** What a worker tells its primary. */
export type WorkerMessage =
  | { kind: "listening"; url: string; nodeId: string }
  /** It can't start. */
  | { kind: "failed"; message: string; code?: string; port?: number }
  | { kind: "counts"; changes: CountChange[] }
  /** Wants the answers of all workers. */
  | { kind: "ask"; id: number; question: Question }
  /** Its own answer to the primary's question. */
  | { kind: "answer"; id: number; value: Answers[Question] };

/** What the primary tells a worker. */
export type PrimaryMessage =
  /** Be not ready, and serve. */
  | { kind: "drain" }
  | { kind: "stop" }
  /** Changes of the other workers. */
  | { kind: "counts"; changes: CountChange[] }
  /** The last connections of this worker for a key are above the limit. */
  | { kind: "excess"; scope: CountScope; key: string; count: number }
  | { kind: "question"; id: number; question: Question }
  /** `of` is the number of workers that should run. */
  | { kind: "answers"; id: number; answers: Answer[]; of: number };
