import type { Logger } from "pino";
import type { JobQueue } from "./job-queue.js";

const ERASE = "erase";

/** The erasures of users, as the jobs need them. */
export interface Erasures {
  runErasure(user: string): Promise<void>;
}

/** Runs erasures of users, each on whichever node is free. */
export class ErasureJobs {
  readonly #queue: JobQueue;
  readonly #log: Logger;

  constructor(queue: JobQueue, log: Logger) {
    this.#queue = queue;
    this.#log = log;
  }

  /** Says how jobs are run. */
  handle(erasures: Erasures): void {
    this.#queue.handle<{ user: string }>(ERASE, {
      run: async ({ data }) => {
        await erasures.runErasure(data.user);
        // A failed job has the id of the user.
        await this.#queue.forgetFailed<{ user: string }>(ERASE, ({ user }) => user === data.user);
      },
      // The log must not have the id of a user who is erased.
      onFailed: (error, job) =>
        this.#log.warn({ err: error, attempts: job.attemptsMade }, "an erasure failed"),
      about: ({ user }) => ({ subject: user, window: null }),
    });
  }

  schedule(user: string, delayMs: number): Promise<void> {
    return this.#queue.add(ERASE, { user }, { delayMs, attempts: 10 });
  }
}
