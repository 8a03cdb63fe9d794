import { setTimeout } from "node:timers/promises";
import { type Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";

/** How long `close` waits for running jobs, and for a Redis that may be away. */
const CLOSE_TIMEOUT_MS = 2_000;

interface ErasureJobsOptions {
  /** A connection that waits for Redis without a limit. */
  redis: Redis;
  /** The prefix of the queue's keys. */
  prefix: string;
  log: Logger;
}

/** Runs erasures of users, each on whichever node is free. A job of a node that stops continues on another one. */
export class ErasureJobs {
  readonly #options: { connection: Redis; prefix: string };
  readonly #queue: Queue;
  readonly #log: Logger;
  #worker: Worker | undefined;

  constructor({ redis, prefix, log }: ErasureJobsOptions) {
    this.#log = log;
    this.#options = { connection: redis, prefix };
    this.#queue = new Queue("erasures", this.#options);
    this.#queue.on("error", this.#onError);
  }

  start(erasures: { runErasure(user: string): Promise<void> }): void {
    const worker = new Worker(
      "erasures",
      (job: Job<{ user: string }>) => erasures.runErasure(job.data.user),
      { ...this.#options, concurrency: 2 },
    );
    worker.on("error", this.#onError);
    // The log must not have the id of a user who is erased.
    worker.on("failed", (job, error) =>
      this.#log.warn({ err: error, attempts: job?.attemptsMade }, "an erasure failed"),
    );
    this.#worker = worker;
  }

  async schedule(user: string, delayMs: number): Promise<void> {
    await this.#queue.add(
      "erase",
      { user },
      {
        delay: delayMs,
        attempts: 10,
        backoff: { type: "exponential", delay: 1_000 },
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
  }

  /** Waits for running jobs, but not long when Redis is away. */
  async close(): Promise<void> {
    const closed = (this.#worker?.close() ?? Promise.resolve()).then(() => this.#queue.close());
    const inTime = await Promise.race([
      closed.then(() => true),
      setTimeout(CLOSE_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (inTime) return;
    closed.catch(() => {});
    this.#worker?.disconnect().catch(() => {});
    this.#queue.disconnect().catch(() => {});
  }

  readonly #onError = (error: Error): void => {
    this.#log.debug({ err: error }, "the connection of the jobs failed");
  };
}
