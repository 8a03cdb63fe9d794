import type { JobState, Jobs, QueueCounts, QueuedJob, Retried, Schedule } from "../domains/admin/jobs.js";
import { ErasureJobs, type Erasures } from "./erasure-jobs.js";
import { JobQueue, type JobQueueOptions } from "./job-queue.js";
import { SeasonJobs, type Seasons } from "./season-jobs.js";

/** How many upkeep jobs a node runs at a time. */
const CONCURRENCY = 10;

/** The jobs that keep boards and users up to date: ends of seasons, and erasures. They share one queue. */
export class UpkeepJobs implements Pick<Jobs, "schedules" | "list" | "retry"> {
  readonly seasons: SeasonJobs;
  readonly erasures: ErasureJobs;
  readonly #queue: JobQueue;

  constructor(options: JobQueueOptions) {
    this.#queue = new JobQueue("upkeep", options);
    this.seasons = new SeasonJobs(this.#queue, options.log);
    this.erasures = new ErasureJobs(this.#queue, options.log);
  }

  async start(seasons: Seasons, erasures: Erasures): Promise<void> {
    this.seasons.handle(seasons);
    this.erasures.handle(erasures);
    this.#queue.work(CONCURRENCY);
    await this.seasons.start();
  }

  counts(): Promise<QueueCounts> {
    return this.#queue.counts();
  }

  schedules(): Promise<Schedule[]> {
    return this.#queue.schedules();
  }

  list(state: JobState, first: number, limit: number): Promise<QueuedJob[]> {
    return this.#queue.list(state, first, limit);
  }

  retry(ids: readonly string[] | null, limit: number): Promise<Retried> {
    return this.#queue.retry(ids, limit);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
