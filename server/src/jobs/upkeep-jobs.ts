import { ErasureJobs, type Erasures } from "./erasure-jobs.js";
import { JobQueue, type JobQueueOptions } from "./job-queue.js";
import { SeasonJobs, type Seasons } from "./season-jobs.js";

/** How many jobs of upkeep a node runs at a time. */
const CONCURRENCY = 10;

/** The jobs that keep boards and users up to date: ends of seasons, and erasures. They share one queue. */
export class UpkeepJobs {
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

  close(): Promise<void> {
    return this.#queue.close();
  }
}
