import type { LimitSettings } from "../config/limits.js";
import { LimitReached } from "./limit-reached.js";

/** For how long what was refused is held against a connection. */
const PATIENCE_MS = 10_000;
/** Ten times over: so many seconds' worth of points, asked for in vain within that time. */
const TIMES_OVER = 10;

interface Bucket {
  points: number;
  filledAtMs: number;
  refused: number;
  refusedSinceMs: number;
  isTold: boolean;
}

/** What is to be done with a connection that was refused something: nothing, close it, or end it without a word. */
export type Verdict = "patience" | "close" | "terminate";

/**
 * The limit of each connection, in its node's memory: a bucket that fills with time. It also remembers what the
 * connection was refused, by whichever limit. A client that waits as it is told comes nowhere near the end of that.
 */
export class ConnectionLimit {
  readonly #settings: NonNullable<LimitSettings["connection"]>;
  readonly #buckets = new WeakMap<object, Bucket>();

  constructor(settings: NonNullable<LimitSettings["connection"]>) {
    this.#settings = settings;
  }

  /**
   * Spends points, or all that the bucket can hold.
   * @throws {LimitReached}
   */
  spend(connection: object, cost: number): void {
    const { burst, perSecond } = this.#settings;
    const bucket = this.#bucketOf(connection);
    const nowMs = performance.now();
    bucket.points = Math.min(burst, bucket.points + ((nowMs - bucket.filledAtMs) / 1_000) * perSecond);
    bucket.filledAtMs = nowMs;
    const points = Math.min(cost, burst);
    const missing = points - bucket.points;
    if (missing > 0) {
      throw new LimitReached(
        `of ${perSecond} points a second for one connection`,
        (missing / perSecond) * 1_000,
      );
    }
    bucket.points -= points;
  }

  /** Notes that a call of the connection was refused by some limit. */
  refuse(connection: object, cost: number): Verdict {
    const bucket = this.#bucketOf(connection);
    const nowMs = performance.now();
    if (nowMs - bucket.refusedSinceMs > PATIENCE_MS) {
      bucket.refused = 0;
      bucket.refusedSinceMs = nowMs;
    }
    bucket.refused += cost;
    const most = TIMES_OVER * this.#settings.perSecond;
    if (bucket.refused < most) return "patience";
    if (bucket.isTold) return bucket.refused < 2 * most ? "patience" : "terminate";
    bucket.isTold = true;
    return "close";
  }

  #bucketOf(connection: object): Bucket {
    const known = this.#buckets.get(connection);
    if (known) return known;
    const nowMs = performance.now();
    const bucket = {
      points: this.#settings.burst,
      filledAtMs: nowMs,
      refused: 0,
      refusedSinceMs: nowMs,
      isTold: false,
    };
    this.#buckets.set(connection, bucket);
    return bucket;
  }
}
