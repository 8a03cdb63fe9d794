import type { CountScope } from "../../limits/peer-counts.js";
import type { Readiness } from "../../ops/health.js";
import type { MetricsData } from "../../ops/metrics/metrics.js";

/** A change of the number of connections of a user or network. `by` is negative when connections closed. */
export interface CountChange {
  scope: CountScope;
  key: string;
  by: number;
}

/** The questions that a worker can ask all workers, each with the type of its answer. */
export interface Answers {
  readiness: Readiness;
  metrics: MetricsData;
}

export type Question = keyof Answers;

/** The answer of one worker. `value` is null when the worker did not answer in time. */
export interface Answer {
  worker: number;
  value: Answers[Question] | null;
}

/** A message from a worker to its primary. */
export type WorkerMessage =
  | { kind: "listening"; url: string; nodeId: string }
  /** The worker can't start. */
  | { kind: "failed"; message: string; code?: string; port?: number }
  | { kind: "counts"; changes: CountChange[] }
  /** Asks the primary to pass a question on to all workers. */
  | { kind: "ask"; id: number; question: Question }
  /** The answer of this worker to a question that the primary has passed on. */
  | { kind: "answer"; id: number; value: Answers[Question] };

/** A message from the primary to a worker. */
export type PrimaryMessage =
  /** From now on, the worker reports that it is not ready, and still serves. */
  | { kind: "drain" }
  | { kind: "stop" }
  /** Changes of the connection counts of other workers. */
  | { kind: "counts"; changes: CountChange[] }
  /** Asks the worker to end its newest `count` connections for a key, because all workers together exceed the limit. */
  | { kind: "excess"; scope: CountScope; key: string; count: number }
  | { kind: "question"; id: number; question: Question }
  /** `of` is the number of workers that should run. */
  | { kind: "answers"; id: number; answers: Answer[]; of: number };
