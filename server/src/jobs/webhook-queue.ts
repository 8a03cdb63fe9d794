import { setTimeout } from "node:timers/promises";
import type { WebhookDelivery } from "@grandstand/shared/operations/webhook";
import { DelayedError, type Job, type JobState, Queue, UnrecoverableError, Worker } from "bullmq";
import type { WebhookPace } from "../config/config.js";
import { toIsoTime } from "../core/iso-time.js";
import type { QueueCounts } from "../domains/admin/jobs.js";
import type { QueuedEvent } from "../domains/shared/queued-event.js";
import type { DeliveryState } from "../domains/webhook/deliveries.js";
import type { JobQueueOptions } from "./job-queue.js";
import { PacedWorker } from "./paced-worker.js";
import { countsOf, jobsOf, retryJobs } from "./stored-jobs.js";

/** How many deliveries of one webhook a node attempts at a time. */
const CONCURRENCY = 8;
/** For how many seconds (`age`) delivered and dead deliveries are kept, and how many of each at most (`count`). */
const KEPT_DELIVERED = { age: 86_400, count: 1_000 };
const KEPT_DEAD = { age: 7 * 86_400, count: 1_000 };
/** How many times a delivery is attempted again after its node stopped during an attempt: in practice without limit. */
const MAX_STALLS = 1_000;
/** The share of a retry's delay that is added at random, so that deliveries that failed together retry at different times. */
const JITTER = 0.1;
const CLOSE_TIMEOUT_MS = 2_000;
/** How many deliveries one step of an erasure or an export looks at. */
const DELIVERIES_PER_STEP = 500;

/** One delivery in the queue of a webhook. */
export interface DeliveryJob {
  event: QueuedEvent;
  /** The users that the event names. */
  users: readonly string[];
}

/** The outcome of an attempt: the reason if it failed, and whether further attempts are pointless. */
export interface AttemptOutcome {
  reason: string | null;
  isFinal: boolean;
}

const jobStates: Record<DeliveryState, JobState[]> = {
  pending: ["waiting", "active", "delayed"],
  delivered: ["completed"],
  dead: ["failed"],
};
const states = (Object.keys(jobStates) as DeliveryState[]).flatMap((state) =>
  jobStates[state].map((jobState) => ({ state, jobState })),
);

/** The place at which an export continues: an index in `states`, and the number of deliveries of that state to skip. */
export interface ExportPlace {
  state: number;
  at: number;
}

/**
 * The queue of one webhook. Each webhook has its own queue, so a slow or stopped receiver doesn't delay the others. The queue
 * keeps dead letters and the latest deliveries.
 */
export class WebhookQueue {
  readonly #name: string;
  readonly #options: JobQueueOptions;
  readonly #pace: WebhookPace;
  readonly #queue: Queue<DeliveryJob>;
  readonly #stopping = new AbortController();
  #worker: Worker<DeliveryJob> | undefined;
  #paced: PacedWorker | undefined;

  constructor(webhook: string, options: JobQueueOptions, pace: WebhookPace) {
    this.#name = `webhook-${webhook}`;
    this.#options = options;
    this.#pace = pace;
    this.#queue = new Queue(this.#name, { connection: options.redis, prefix: options.prefix });
    this.#queue.on("error", this.#onError);
  }

  get isWorking(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts to attempt deliveries on this node. */
  work(attempt: (id: string, job: DeliveryJob, signal: AbortSignal) => Promise<AttemptOutcome>): void {
    const { signal } = this.#stopping;
    const run = async (job: Job<DeliveryJob>, token?: string): Promise<void> => {
      const { reason, isFinal } = await attempt(job.id!, job.data, signal);
      if (reason === null) return;
      if (signal.aborted) {
        // `close` aborted the attempt, because the node stops or the webhook was disabled. The delivery stays pending. Another
        // node attempts the delivery, or any node does so when the webhook is enabled again.
        await job.moveToDelayed(Date.now(), token);
        throw new DelayedError();
      }
      throw isFinal ? new UnrecoverableError(reason) : new Error(reason);
    };
    this.#worker = new Worker<DeliveryJob>(this.#name, run, {
      connection: this.#options.redis,
      prefix: this.#options.prefix,
      concurrency: CONCURRENCY,
      lockDuration: this.#pace.lockMs,
      stalledInterval: this.#pace.lockMs,
      maxStalledCount: MAX_STALLS,
      settings: { backoffStrategy: (attempts) => this.#delayAfter(attempts) },
    });
    this.#worker.on("error", this.#onError);
    const noteEnd = (outcome: "delivered" | "failed" | "dead", job: Job | undefined) => {
      const { processedOn = 0, finishedOn = Date.now() } = job ?? {};
      this.#options.observer.note("webhookAttempted", { outcome, ms: Math.max(0, finishedOn - processedOn) });
    };
    this.#worker.on("completed", (job) => noteEnd("delivered", job));
    this.#worker.on("failed", (job, error) => {
      const isDead = job !== undefined && job.finishedOn !== undefined;
      const about = {
        queue: this.#name,
        delivery: job?.id,
        attempts: job?.attemptsMade,
        reason: error.message,
      };
      noteEnd(isDead ? "dead" : "failed", job);
      if (isDead) this.#options.log.warn(about, "a webhook delivery was given up");
      else this.#options.log.debug(about, "a webhook delivery failed");
    });
    this.#paced = new PacedWorker(this.#worker, this.#queue, this.#options);
  }

  /** How many deliveries are pending. */
  async pending(): Promise<number> {
    return (await this.#counts()).pending;
  }

  async add(deliveries: readonly { id: string; job: DeliveryJob }[]): Promise<void> {
    await this.#queue.addBulk(
      deliveries.map(({ id, job }) => ({
        name: job.event.event,
        data: job,
        opts: {
          jobId: id,
          attempts: this.#pace.retriesMs.length + 1,
          backoff: { type: "custom" },
          removeOnComplete: KEPT_DELIVERED,
          removeOnFail: KEPT_DEAD,
        },
      })),
    );
    this.#paced?.noteAdded(0);
  }

  async list(state: DeliveryState, first: number, limit: number) {
    const [jobs, counts] = await Promise.all([
      jobsOf(this.#queue, jobStates[state], first, limit, false),
      this.#counts(),
    ]);
    return { deliveries: jobs.map((job) => deliveryOf(job, state)), counts };
  }

  /** @returns how many deliveries are pending again, and the ids that belong to no finished delivery */
  async replay(
    ids: readonly string[] | null,
    limit: number,
  ): Promise<{ replayed: number; unknown: string[] }> {
    const { retried, unknown } = await retryJobs(this.#queue, ids, ["failed", "completed"], limit);
    if (retried > 0) this.#paced?.noteAdded(0);
    return { replayed: retried, unknown };
  }

  async counts(): Promise<QueueCounts> {
    return { name: this.#name, ...(await countsOf(this.#queue)) };
  }

  /**
   * Removes the deliveries that name a user. An active delivery can't be removed; a later call removes it.
   * @returns how many were removed
   */
  async eraseUser(user: string): Promise<number> {
    let erased = 0;
    for (const { jobState } of states) {
      for (let at = 0; ; ) {
        const { seen, concerned } = await this.#naming(user, jobState, at, DELIVERIES_PER_STEP);
        const removed = await Promise.all(
          concerned.map((job) =>
            job.remove().then(
              () => 1,
              () => 0,
            ),
          ),
        );
        const count = removed.reduce<number>((sum, one) => sum + one, 0);
        erased += count;
        at += seen - count;
        if (seen < DELIVERIES_PER_STEP) break;
      }
    }
    return erased;
  }

  /**
   * Looks at DELIVERIES_PER_STEP deliveries from a place on, and reads those that name a user.
   * @returns these deliveries, and the place at which the next call continues: null at the end
   */
  async exportUser(
    user: string,
    { state: first, at: firstAt }: ExportPlace,
  ): Promise<{ deliveries: WebhookDelivery[]; next: ExportPlace | null }> {
    const deliveries: WebhookDelivery[] = [];
    let left = DELIVERIES_PER_STEP;
    for (let number = first; number < states.length; number += 1) {
      const { state, jobState } = states[number]!;
      const at = number === first ? firstAt : 0;
      const { seen, concerned } = await this.#naming(user, jobState, at, left);
      deliveries.push(...concerned.map((job) => deliveryOf(job, state)));
      if (seen === left) return { deliveries, next: { state: number, at: at + seen } };
      left -= seen;
    }
    return { deliveries, next: null };
  }

  /** Reads `count` deliveries from index `at`. @returns how many exist there, and those that name the user */
  async #naming(user: string, jobState: JobState, at: number, count: number) {
    const jobs = await this.#queue.getJobs([jobState], at, at + count - 1, true);
    return { seen: jobs.length, concerned: jobs.filter((job) => job?.data.users.includes(user)) };
  }

  /** Removes the queue with all deliveries. */
  async remove(): Promise<void> {
    await this.close();
    const queue = new Queue(this.#name, { connection: this.#options.redis, prefix: this.#options.prefix });
    queue.on("error", this.#onError);
    try {
      await queue.obliterate({ force: true });
    } catch (error) {
      if (!isRemoved(error)) throw error;
    } finally {
      await queue.close();
    }
  }

  /** Aborts running attempts, so that other nodes repeat them. Waits at most two seconds for Redis. */
  async close(): Promise<void> {
    this.#stopping.abort();
    const worker = this.#worker;
    this.#worker = undefined;
    const closed = this.#closeAll(worker);
    const inTime = await Promise.race([
      closed.then(() => true),
      setTimeout(CLOSE_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (inTime) return;
    closed.catch(() => {});
    worker?.disconnect().catch(() => {});
    this.#queue.disconnect().catch(() => {});
  }

  async #closeAll(worker: Worker | undefined): Promise<void> {
    await this.#paced?.close();
    await worker?.close();
    await this.#queue.close();
  }

  async #counts(): Promise<Record<DeliveryState, number>> {
    const counts = await this.#queue.getJobCounts(...Object.values(jobStates).flat());
    const sum = (state: DeliveryState) =>
      jobStates[state].reduce((total, name) => total + (counts[name] ?? 0), 0);
    return { pending: sum("pending"), delivered: sum("delivered"), dead: sum("dead") };
  }

  /** @param attempts how many attempts were made */
  #delayAfter(attempts: number): number {
    const delayMs = this.#pace.retriesMs[attempts - 1] ?? this.#pace.retriesMs.at(-1)!;
    return Math.round(delayMs * (1 + JITTER * Math.random()));
  }

  readonly #onError = (error: Error): void => {
    this.#options.log.debug({ err: error, queue: this.#name }, "the connection of the webhooks failed");
  };
}

function deliveryOf(job: Job<DeliveryJob>, state: DeliveryState): WebhookDelivery {
  const { event } = job.data;
  const lastAt = job.processedOn ?? job.timestamp;
  return {
    id: job.id!,
    event: event.event,
    subject: event.source.id,
    state,
    attempts: job.attemptsMade,
    occurredAt: toIsoTime(event.atMs),
    nextAttemptAt: state === "pending" ? toIsoTime(Math.max(job.timestamp, lastAt + (job.delay ?? 0))) : null,
    finishedAt: job.finishedOn === undefined ? null : toIsoTime(job.finishedOn),
    reason: state === "delivered" || !job.failedReason ? null : job.failedReason,
  };
}

/**
 * Whether BullMQ refused to remove a queue because the queue is not paused. BullMQ first marks the queue as paused, and
 * deletes the mark with the queue. So if the mark is missing, another call or node has removed the queue.
 */
function isRemoved(error: unknown): boolean {
  return error instanceof Error && error.message === "Cannot obliterate non-paused queue";
}
