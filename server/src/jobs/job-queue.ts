import { setTimeout } from "node:timers/promises";
import { type Job, type JobsOptions, type Processor, Queue, Worker } from "bullmq";
import type { Logger } from "pino";
import type { Observer } from "../observer/observer.js";
import type { JobConnection } from "../redis/open-redis.js";

/** How long `close` waits for running jobs, and for a Redis that is away. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface JobQueueOptions {
  /** A connection that waits for Redis without a limit. */
  redis: JobConnection;
  /** The prefix of the queue's keys. */
  prefix: string;
  log: Logger;
  observer: Observer;
}

interface WorkOptions<Data> {
  /** How many jobs a node runs at a time. */
  concurrency: number;
  run: Processor<Data>;
  /** Called after each failed attempt. */
  onFailed(error: Error, job: Job<Data> | undefined): void;
}

interface AddOptions extends Pick<JobsOptions, "jobId"> {
  delayMs: number;
  attempts: number;
}

/** A queue of jobs in Redis. Any free node runs a job, and a job of a node that stops continues on another one. */
export class JobQueue<Data> {
  readonly #name: string;
  readonly #options: { connection: JobConnection; prefix: string };
  readonly #queue: Queue;
  readonly #log: Logger;
  readonly #observer: Observer;
  #worker: Worker<Data> | undefined;

  constructor(name: string, { redis, prefix, log, observer }: JobQueueOptions) {
    this.#name = name;
    this.#log = log;
    this.#observer = observer;
    this.#options = { connection: redis, prefix };
    this.#queue = new Queue(name, this.#options);
    this.#queue.on("error", this.#onError);
  }

  /** Starts to run jobs on this node. */
  work({ concurrency, run, onFailed }: WorkOptions<Data>): void {
    this.#worker = new Worker(this.#name, run, { ...this.#options, concurrency });
    this.#worker.on("error", this.#onError);
    this.#worker.on("completed", (job) => this.#noteEnd(job, "completed"));
    this.#worker.on("failed", (job, error) => {
      this.#noteEnd(job, "failed");
      onFailed(error, job);
    });
  }

  #noteEnd(job: Job<Data> | undefined, outcome: "completed" | "failed"): void {
    const { processedOn = 0, finishedOn = processedOn } = job ?? {};
    this.#observer.note("jobEnded", { queue: this.#name, outcome, ms: finishedOn - processedOn });
  }

  /** Adds a job, unless one with the same `jobId` exists. The delay between attempts doubles, from one second. */
  async add(name: string, data: Data, { jobId, delayMs, attempts }: AddOptions): Promise<void> {
    await this.#queue.add(name, data, {
      ...(jobId !== undefined && { jobId }),
      delay: delayMs,
      attempts,
      backoff: { type: "exponential", delay: 1_000 },
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  /** Adds a job without data at an interval, once for all nodes. */
  async repeat(name: string, everyMs: number): Promise<void> {
    await this.#queue.upsertJobScheduler(name, { every: everyMs }, { name });
  }

  /** Waits for running jobs. If Redis is away, it stops waiting after two seconds. */
  async close(): Promise<void> {
    const closed = (this.#worker?.close() ?? Promise.resolve()).then(() => this.#queue.close());
    const inTime = await Promise.race([
      closed.then(() => true),
      setTimeout(CLOSE_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (inTime) return;
    // BullMQ waits for a Redis that is away. Another node runs an unfinished job when its lock expires.
    closed.catch(() => {});
    this.#worker?.disconnect().catch(() => {});
    this.#queue.disconnect().catch(() => {});
  }

  readonly #onError = (error: Error): void => {
    this.#log.debug({ err: error }, "the connection of the jobs failed");
  };
}
