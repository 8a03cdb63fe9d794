import { hash } from "node:crypto";
import { DelayedError, type Job } from "bullmq";
import type { Logger } from "pino";
import type { OpenedSeason } from "../domains/shared/dependencies.js";
import type { JobQueue } from "./job-queue.js";

/** A job may run before its season has ended. The job then runs again, after at least this delay. */
const SOONEST_MS = 20;
/** How often the end of every open season is scheduled again, because Redis can lose the newest jobs in a crash. */
const REVIEW_INTERVAL_MS = 3_600_000;

const CLOSE = "close";
const REVIEW = "review";

/** The part of the leaderboard domain that opens and closes seasons. */
export interface Seasons {
  /** @returns the milliseconds until the season ends; null if no season with this end is open any more */
  closeIfOver(season: OpenedSeason): Promise<number | null>;
  /** Schedules the end of every open season again. */
  scheduleEnds(): Promise<void>;
}

/**
 * Closes seasons when they are over, even if the board is not used at that time. Each season has one job. The job does nothing
 * if a submit, for example, has closed the season first.
 */
export class SeasonJobs {
  readonly #queue: JobQueue;
  readonly #log: Logger;

  constructor(queue: JobQueue, log: Logger) {
    this.#queue = queue;
    this.#log = log;
  }

  /** Registers the handlers of the jobs. */
  handle(seasons: Seasons): void {
    const onFailed = (error: Error, job: Job) =>
      this.#log.warn({ err: error, job: job.name, data: job.data }, "a job failed");
    this.#queue.handle(REVIEW, {
      run: async () => {
        await seasons.scheduleEnds();
        // A failed job keeps its id, so `scheduleEnds` adds no new job for its season. The failed job runs again instead.
        await this.#queue.retryAllOf(CLOSE);
      },
      onFailed,
    });
    this.#queue.handle<OpenedSeason>(CLOSE, {
      run: async (job, token) => {
        const leftMs = await seasons.closeIfOver(job.data);
        if (leftMs === null) return;
        await job.moveToDelayed(Date.now() + Math.max(leftMs, SOONEST_MS), token);
        throw new DelayedError();
      },
      onFailed,
      about: ({ board, window }) => ({ subject: board, window }),
    });
  }

  async start(): Promise<void> {
    await this.#queue.repeat(REVIEW, REVIEW_INTERVAL_MS);
  }

  /** Schedules the closing of a season. Another call for the same season has no effect while the job exists. */
  schedule(season: OpenedSeason): void {
    const { board, window, endsAtMs } = season;
    // A job id of BullMQ must not contain a colon.
    const jobId = hash("sha256", `${board} ${window} ${endsAtMs}`, "base64url");
    this.#queue
      .add(CLOSE, season, { jobId, delayMs: Math.max(0, endsAtMs - Date.now()), attempts: 5 })
      .catch((error: unknown) =>
        this.#log.warn({ err: error, ...season }, "the end of a season was not scheduled"),
      );
  }
}
