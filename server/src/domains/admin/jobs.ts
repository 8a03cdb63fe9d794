import type { OutputOf } from "@grandstand/shared/contract";

type Output = OutputOf<"admin.jobs">;

export type QueuedJob = Output["jobs"][number];
export type JobState = QueuedJob["state"];
export type QueueCounts = Output["queues"][number];
export type Schedule = Output["schedules"][number];
export type Retried = OutputOf<"admin.retryJobs">;

/** The jobs of all nodes, as the console shows them. */
export interface Jobs {
  /** The queue of upkeep (the service's own jobs) first, then one queue for each webhook. */
  queues(): Promise<QueueCounts[]>;
  /** The schedules of the queue of upkeep. */
  schedules(): Promise<Schedule[]>;
  /** The jobs of upkeep in one state. */
  list(state: JobState, first: number, limit: number): Promise<QueuedJob[]>;
  /** Runs failed jobs of upkeep again, at most `limit`. @param ids the ids of the jobs; null for all failed jobs */
  retry(ids: readonly string[] | null, limit: number): Promise<Retried>;
}
