import type { Logger } from "pino";
import type { JobQueue } from "./job-queue.js";

const ERASE = "erase";

/** The part of the user domain that carries out an erasure. */
export interface Erasures {
  runErasure(user: string): Promise<void>;
}

/** Runs erasures of users as jobs, each on any free node. */
export class ErasureJobs {
  readonly #queue: JobQueue;
  readonly #log: Logger;

  constructor(queue: JobQueue, log: Logger) {
    this.#queue = queue;
    this.#log = log;
  }

  /** Registers the handler of the jobs. */
  handle(erasures: Erasures): void {
    this.#queue.handle<{ user: string }>(ERASE, {
      run: async ({ data }) => {
        await erasures.runErasure(data.user);
        // Failed jobs of earlier erasures of this user contain the user's id, so these jobs are removed.
        await this.#queue.forgetFailed<{ user: string }>(ERASE, ({ user }) => user === data.user);
      },
      // The log must not contain the id of the erased user.
      onFailed: (error, job) =>
        this.#log.warn({ err: error, attempts: job.attemptsMade }, "an erasure failed"),
      about: ({ user }) => ({ subject: user, window: null }),
    });
  }

  schedule(user: string, delayMs: number): Promise<void> {
    return this.#queue.add(ERASE, { user }, { delayMs, attempts: 10 });
  }
}
