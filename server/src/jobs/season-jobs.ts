import { hash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DelayedError, type Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { OpenedSeason } from "../domains/shared/dependencies.js";

/** How soon a season that was looked at too early is looked at again, at the least. */
const SOONEST_MS = 20;
/** How often every board is looked at: a job can be lost with a Redis that lost its last second. */
const REVIEW_INTERVAL_MS = 3_600_000;

/** How long jobs under way, and a Redis that may be away, are waited for at the end. */
const CLOSE_TIMEOUT_MS = 2_000;

const REVIEW = "review";

interface SeasonJobsOptions {
  /** A connection that waits for Redis as long as it takes. */
  redis: Redis;
  /** What the queue's keys begin with. */
  prefix: string;
  log: Logger;
}

/** The seasons of the boards, as the jobs need them. */
export interface Seasons {
  /** @returns in how many milliseconds the season ends; null when it is over and closed */
  closeIfOver(season: OpenedSeason): Promise<number | null>;
  /** Schedules the end of every open season again. */
  scheduleEnds(): Promise<void>;
}

/**
 * Closes seasons when they are over, also if nobody comes to a board by then: one job for each, carried out by
 * whichever node is there. Who else closes it first, a submit, say, makes the job's work done.
 */
export class SeasonJobs {
  readonly #options: { connection: Redis; prefix: string };
  readonly #queue: Queue;
  readonly #log: Logger;
  #worker: Worker | undefined;

  constructor({ redis, prefix, log }: SeasonJobsOptions) {
    this.#log = log;
    this.#options = { connection: redis, prefix };
    this.#queue = new Queue("seasons", this.#options);
    this.#queue.on("error", this.#onError);
  }

  async start(seasons: Seasons): Promise<void> {
    const worker = new Worker(
      "seasons",
      async (job: Job<OpenedSeason>, token) => {
        if (job.name === REVIEW) return seasons.scheduleEnds();
        const leftMs = await seasons.closeIfOver(job.data);
        if (leftMs === null) return;
        await job.moveToDelayed(Date.now() + Math.max(leftMs, SOONEST_MS), token);
        throw new DelayedError();
      },
      { ...this.#options, concurrency: 10 },
    );
    worker.on("error", this.#onError);
    worker.on("failed", (job, error) =>
      this.#log.warn({ err: error, job: job?.name, data: job?.data }, "a job failed"),
    );
    this.#worker = worker;
    await this.#queue.upsertJobScheduler(REVIEW, { every: REVIEW_INTERVAL_MS }, { name: REVIEW });
  }

  /** Notes when a season is to be closed. Once is enough; more often does no harm. */
  schedule(season: OpenedSeason): void {
    const { board, window, endsAtMs } = season;
    // BullMQ's ids may hold no colon.
    const jobId = hash("sha256", `${board} ${window} ${endsAtMs}`, "base64url");
    this.#queue
      .add("close", season, {
        jobId,
        delay: Math.max(0, endsAtMs - Date.now()),
        attempts: 5,
        backoff: { type: "exponential", delay: 1_000 },
        removeOnComplete: true,
        removeOnFail: true,
      })
      .catch((error: unknown) => this.#log.warn({ err: error, ...season }, "a season's end was not noted"));
  }

  /** Lets what is under way come to its end, and lets go of Redis; without a Redis, at once. */
  async close(): Promise<void> {
    const closed = (this.#worker?.close() ?? Promise.resolve()).then(() => this.#queue.close());
    const inTime = await Promise.race([
      closed.then(() => true),
      setTimeout(CLOSE_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (inTime) return;
    // BullMQ waits for a Redis that is away; a job that was under way is given to another node when its lock ends.
    closed.catch(() => {});
    this.#worker?.disconnect().catch(() => {});
    this.#queue.disconnect().catch(() => {});
  }

  readonly #onError = (error: Error): void => {
    this.#log.debug({ err: error }, "the connection of the jobs failed");
  };
}
