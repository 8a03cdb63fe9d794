import { JobQueue, type JobQueueOptions } from "./job-queue.js";

/** Runs erasures of users, each on whichever node is free. */
export class ErasureJobs {
  readonly #queue: JobQueue<{ user: string }>;
  readonly #log: JobQueueOptions["log"];

  constructor(options: JobQueueOptions) {
    this.#queue = new JobQueue("erasures", options);
    this.#log = options.log;
  }

  start(erasures: { runErasure(user: string): Promise<void> }): void {
    this.#queue.work({
      concurrency: 2,
      run: ({ data }) => erasures.runErasure(data.user),
      // The log must not have the id of a user who is erased.
      onFailed: (error, job) =>
        this.#log.warn({ err: error, attempts: job?.attemptsMade }, "an erasure failed"),
    });
  }

  schedule(user: string, delayMs: number): Promise<void> {
    return this.#queue.add("erase", { user }, { delayMs, attempts: 10 });
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
