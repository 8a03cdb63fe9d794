import type { CountScope } from "../../limits/other-workers-counts.js";
import type { Readiness } from "../../ops/health.js";
import type { MetricsData } from "../../ops/metrics/metrics.js";

/** A change of the number of connections of a user or network. `by` is negative when connections closed. */
export interface CountChange {
  scope: CountScope;
  key: string;
  by: number;
}

/** The queries that a worker can send to all workers, each with the type of its reply. */
export interface Replies {
  readiness: Readiness;
  metrics: MetricsData;
}

export type Query = keyof Replies;

/** The reply of one worker. `value` is null when the worker did not reply in time. */
export interface Reply {
  worker: number;
  value: Replies[Query] | null;
}

/** A message from a worker to its primary. */
export type WorkerMessage =
  | { kind: "listening"; url: string; nodeId: string }
  /** The worker can't start. */
  | { kind: "failed"; message: string; code?: string; port?: number }
  | { kind: "counts"; changes: CountChange[] }
  /** A query that the primary forwards to all workers. */
  | { kind: "queryAll"; id: number; query: Query }
  /** The reply of this worker to a query that the primary has forwarded. */
  | { kind: "reply"; id: number; value: Replies[Query] };

/** A message from the primary to a worker. */
export type PrimaryMessage =
  /** From now on, the worker reports that it is not ready, but still serves. */
  | { kind: "drain" }
  | { kind: "stop" }
  /** Changes of the connection counts of other workers. */
  | { kind: "counts"; changes: CountChange[] }
  /**
   * All workers together have too many connections of the user or network `key`. Asks the worker to terminate at most
   * `count` of its own connections of `key`, the newest first.
   */
  | { kind: "excess"; scope: CountScope; key: string; count: number }
  | { kind: "query"; id: number; query: Query }
  /** `workerCount` is the number of workers that should run. Fewer replies come while a worker restarts. */
  | { kind: "replies"; id: number; replies: Reply[]; workerCount: number };
