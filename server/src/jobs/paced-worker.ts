import type { Queue, Worker } from "bullmq";
import type { Logger } from "pino";
import type { JobConnection } from "../redis/open-redis.js";
import type { Pace } from "../redis/pace.js";

/** How often a paused worker looks for jobs that other nodes have added or not finished. */
const LOOK_MS = 120_000;
/** The least time that a resumed worker runs before it is paused again. */
const RUN_MS = 5_000;
const RETRY_MS = 1_000;
/** The score of a delayed job in BullMQ is its due time in ms times this number, plus a remainder below this number. */
const SCORES_PER_MS = 0x1000;

/**
 * Pauses the worker of a queue on an idle node (a node without connections and calls) while no job is due or active.
 * Otherwise the worker would ask Redis for jobs every few seconds. A paused worker looks for jobs every LOOK_MS, when the next
 * job is due, and when this node adds a job.
 */
export class PacedWorker {
  readonly #worker: Worker;
  readonly #queue: Queue;
  readonly #redis: JobConnection;
  readonly #pace: Pace;
  readonly #log: Logger;
  readonly #remove: () => void;
  #isPaused = false;
  #isClosed = false;
  #additions = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when the last pause or resume has ended. The next pause or resume waits for this promise. */
  #turn: Promise<void> = Promise.resolve();

  /** @param options.redis reads the keys of the queue, and sets the marker that wakes its workers */
  constructor(
    worker: Worker,
    queue: Queue,
    { redis, pace, log }: { redis: JobConnection; pace: Pace; log: Logger },
  ) {
    this.#worker = worker;
    this.#queue = queue;
    this.#redis = redis;
    this.#pace = pace;
    this.#log = log;
    this.#remove = pace.add({ rest: () => this.#plan(0), wake: () => this.#plan(0) });
    // `pace` calls `rest` when the node becomes idle. If the node already is idle, the first pause is planned here.
    if (pace.isIdle) this.#plan(RUN_MS);
  }

  /** Called when this node has added a job that is due after `delayMs`. */
  noteAdded(delayMs: number): void {
    this.#additions += 1;
    if (this.#isPaused && delayMs < LOOK_MS) this.#plan(delayMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#remove();
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #plan(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#adjust());
    }, delayMs);
  }

  /** Never rejects. */
  async #adjust(): Promise<void> {
    if (this.#isClosed) return;
    try {
      if (!this.#pace.isIdle) await this.#resume();
      else await this.#rest();
    } catch (error) {
      this.#log.debug({ err: error, queue: this.#queue.name }, "a resting worker could not look for jobs");
      this.#plan(RETRY_MS);
    }
  }

  async #rest(): Promise<void> {
    const additions = this.#additions;
    const dueInMs = await this.#nextJobMs();
    if (dueInMs <= 0) {
      await this.#resume();
      this.#plan(RUN_MS);
      return;
    }
    if (!this.#isPaused) {
      // `pause` waits for the running jobs.
      await this.#worker.pause();
      this.#isPaused = true;
      // A job may have been added while `pause` waited.
      this.#plan(0);
      return;
    }
    // If this node added a job while `dueInMs` was read, `dueInMs` may be wrong.
    const isOutdated = additions !== this.#additions;
    this.#plan(isOutdated ? 0 : Math.min(dueInMs, this.#pace.idleDelay(LOOK_MS)));
  }

  async #resume(): Promise<void> {
    if (!this.#isPaused) return;
    // BullMQ wakes a waiting worker with a marker in Redis. This worker may have consumed the marker before it was
    // paused, so a new marker makes it look for jobs.
    await this.#redis.zadd(this.#keys.marker, 0, "0");
    await this.#worker.resume();
    this.#isPaused = false;
  }

  get #keys() {
    return this.#queue.keys as Record<"wait" | "active" | "prioritized" | "delayed" | "marker", string>;
  }

  /** In how many ms the next job is due. An active job counts as due now, because its node may have died. */
  async #nextJobMs(): Promise<number> {
    const { wait, active, prioritized, delayed } = this.#keys;
    const [unfinished, [, score]] = await Promise.all([
      this.#redis.exists(wait, active, prioritized),
      this.#redis.zrange(delayed, "0", "0", "WITHSCORES"),
    ]);
    if (unfinished > 0) return 0;
    return score === undefined ? Number.POSITIVE_INFINITY : Number(score) / SCORES_PER_MS - Date.now();
  }
}
