import { setTimeout } from "node:timers/promises";
import { type Job, type JobsOptions, Queue, Worker } from "bullmq";
import type { Logger } from "pino";
import { toIsoTime } from "../core/iso-time.js";
import type { JobState, QueueCounts, QueuedJob, Retried, Schedule } from "../domains/admin/jobs.js";
import type { Observer } from "../observer/observer.js";
import type { JobConnection } from "../redis/open-redis.js";
import type { Pace } from "../redis/pace.js";
import { PacedWorker } from "./paced-worker.js";
import { countsOf, jobsOf, retryJobs, statesOf } from "./stored-jobs.js";

/** How long `close` waits for running jobs, or for a Redis that does not answer. */
const CLOSE_TIMEOUT_MS = 2_000;
/** How many jobs that failed permanently are kept for operators, and for how many seconds. */
const KEPT_FAILED = { age: 30 * 86_400, count: 1_000 };
/** The score of a delayed job in BullMQ is its due time in ms times this number, plus a remainder. */
const SCORES_PER_MS = 0x1000;

export interface JobQueueOptions {
  /** A connection whose commands wait for Redis without a time limit. */
  redis: JobConnection;
  /** The prefix of the queue's keys. */
  prefix: string;
  pace: Pace;
  log: Logger;
  observer: Observer;
}

/** Runs the jobs of one name. */
export interface JobHandler<Data> {
  run(job: Job<Data>, token?: string): Promise<unknown>;
  /** Called after each failed attempt. */
  onFailed(error: Error, job: Job<Data>): void;
  /** What a job is about, for operators. */
  about?(data: Data): Pick<QueuedJob, "subject" | "window">;
}

interface AddOptions extends Pick<JobsOptions, "jobId"> {
  delayMs: number;
  attempts: number;
}

/**
 * A queue of jobs in Redis. Any free node may run a job. If that node stops, another node runs the job again. Each queue
 * needs a blocking connection to Redis, so jobs of several names share one queue.
 */
export class JobQueue {
  readonly #name: string;
  readonly #options: { connection: JobConnection; prefix: string };
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #handlers = new Map<string, JobHandler<never>>();
  #worker: Worker | undefined;
  #paced: PacedWorker | undefined;

  constructor(name: string, { redis, prefix, pace, log, observer }: JobQueueOptions) {
    this.#name = name;
    this.#pace = pace;
    this.#log = log;
    this.#observer = observer;
    this.#options = { connection: redis, prefix };
    this.#queue = new Queue(name, this.#options);
    this.#queue.on("error", this.#onError);
  }

  /** Registers the handler of the jobs of a name. Call it for every name before `work`. */
  handle<Data>(name: string, handler: JobHandler<Data>): void {
    this.#handlers.set(name, handler);
  }

  /** Starts to run jobs on this node. @param concurrency how many jobs this node runs at a time */
  work(concurrency: number): void {
    const run = (job: Job, token?: string) => this.#handlerOf(job).run(job as never, token);
    this.#worker = new Worker(this.#name, run, { ...this.#options, concurrency });
    this.#worker.on("error", this.#onError);
    this.#worker.on("completed", (job) => this.#noteEnd(job, "completed"));
    this.#worker.on("failed", (job, error) => {
      this.#noteEnd(job, "failed");
      if (job) this.#handlerOf(job).onFailed(error, job as never);
    });
    this.#paced = new PacedWorker(this.#worker, this.#queue, {
      redis: this.#options.connection,
      pace: this.#pace,
      log: this.#log,
    });
  }

  #noteEnd(job: Job | undefined, outcome: "completed" | "failed"): void {
    const { processedOn = 0, finishedOn = processedOn } = job ?? {};
    this.#observer.note("jobEnded", { queue: this.#name, outcome, ms: finishedOn - processedOn });
  }

  #handlerOf({ name }: Job): JobHandler<never> {
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new Error(`there is no handler for jobs named ${name}`);
    return handler;
  }

  /** Adds a job, unless one with the same `jobId` exists. The delay between attempts doubles, from one second. */
  async add(name: string, data: object, { jobId, delayMs, attempts }: AddOptions): Promise<void> {
    await this.#queue.add(name, data, {
      ...(jobId !== undefined && { jobId }),
      delay: delayMs,
      attempts,
      backoff: { type: "exponential", delay: 1_000 },
      removeOnComplete: true,
      removeOnFail: KEPT_FAILED,
    });
    this.#paced?.noteAdded(delayMs);
  }

  /** Adds a job without data at an interval. All nodes together add one job per interval. */
  async repeat(name: string, everyMs: number): Promise<void> {
    const opts = { removeOnComplete: true, removeOnFail: KEPT_FAILED };
    await this.#queue.upsertJobScheduler(name, { every: everyMs }, { name, opts });
  }

  async counts(): Promise<QueueCounts> {
    return { name: this.#name, ...(await countsOf(this.#queue)) };
  }

  async schedules(): Promise<Schedule[]> {
    const schedulers = await this.#queue.getJobSchedulers();
    return schedulers.map(({ name, every = 0, next }) => ({
      name,
      everyMs: Number(every),
      nextAt: next === undefined ? null : toIsoTime(next),
    }));
  }

  /** The jobs of one state, in the order in which they are due. Of failed jobs, the latest failure comes first. */
  async list(state: JobState, first: number, limit: number): Promise<QueuedJob[]> {
    const isAscending = state !== "failed";
    const jobs = await jobsOf(this.#queue, statesOf[state], first, limit, isAscending);
    return Promise.all(jobs.map((job) => this.#shown(job, state)));
  }

  async #shown(job: Job, state: JobState): Promise<QueuedJob> {
    const { connection } = this.#options;
    const score = state === "delayed" ? await connection.zscore(this.#queue.keys.delayed!, job.id!) : null;
    const about = this.#handlers.get(job.name)?.about?.(job.data as never);
    return {
      id: job.id!,
      name: job.name,
      subject: about?.subject ?? null,
      window: about?.window ?? null,
      state,
      attempts: job.attemptsMade,
      addedAt: toIsoTime(job.timestamp),
      dueAt: score === null ? null : toIsoTime(Number(score) / SCORES_PER_MS),
      finishedAt: job.finishedOn ? toIsoTime(job.finishedOn) : null,
      reason: job.failedReason || null,
    };
  }

  /** Runs failed jobs again. @param ids null for the `limit` oldest failed jobs */
  async retry(ids: readonly string[] | null, limit: number): Promise<Retried> {
    const result = await retryJobs(this.#queue, ids, ["failed"], limit);
    if (result.retried > 0) this.#paced?.noteAdded(0);
    return result;
  }

  /** Runs the failed jobs of one name again. */
  async retryAllOf(name: string): Promise<void> {
    const failed = await this.#failedOf(name);
    if (failed.length > 0)
      await this.retry(
        failed.map(({ id }) => id!),
        failed.length,
      );
  }

  /** Removes each failed job with this name if `matches` returns true for the job's data. */
  async forgetFailed<Data>(name: string, matches: (data: Data) => boolean): Promise<void> {
    const matching = (await this.#failedOf(name)).filter(({ data }) => matches(data as Data));
    // A job that was retried meanwhile may be running. A running job can't be removed.
    await Promise.all(matching.map((job) => job.remove().catch(() => {})));
  }

  async #failedOf(name: string): Promise<Job[]> {
    const failed = await this.#queue.getJobs(["failed"], 0, KEPT_FAILED.count);
    return failed.filter((job) => job?.name === name);
  }

  /** Waits for running jobs, for two seconds at most, also when Redis is unavailable. */
  async close(): Promise<void> {
    const closed = this.#close();
    const inTime = await Promise.race([
      closed.then(() => true),
      setTimeout(CLOSE_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (inTime) return;
    // BullMQ would wait until Redis answers. Another node runs an unfinished job once the job's lock has expired.
    closed.catch(() => {});
    this.#worker?.disconnect().catch(() => {});
    this.#queue.disconnect().catch(() => {});
  }

  async #close(): Promise<void> {
    await this.#paced?.close();
    await this.#worker?.close();
    await this.#queue.close();
  }

  readonly #onError = (error: Error): void => {
    this.#log.debug({ err: error }, "the connection of the jobs failed");
  };
}
