import type { LimitSettings } from "../config/limits.js";
import { LimitReached } from "./limit-reached.js";

/** The length of the windows in which the refused points of a connection are counted (`ConnectionLimit`). */
const ABUSE_WINDOW_MS = 10_000;
/** A connection is closed when its refused points within a window reach `perSecond` times this number. */
const ABUSE_SECONDS = 10;

interface Bucket {
  points: number;
  filledAtMs: number;
  refused: number;
  refusedSinceMs: number;
  isClosed: boolean;
}

/** What to do with a connection after a refusal: keep it, close it with a close notice, or terminate it. */
export type Verdict = "keep" | "close" | "terminate";

/**
 * A token bucket for each connection, in the memory of its node. It also counts refused points:
 * - the cost of each call and `connect` frame that a limit refused, except for calls above the in-flight limit;
 * - a fixed cost for each refused credential.
 *
 * With the default settings, a client that sends one call after the other and honours `retryAfterMs` is never closed for
 * refused points.
 */
export class ConnectionLimit {
  readonly #settings: NonNullable<LimitSettings["connection"]>;
  readonly #buckets = new WeakMap<object, Bucket>();

  constructor(settings: NonNullable<LimitSettings["connection"]>) {
    this.#settings = settings;
  }

  /**
   * Spends points. A cost above the capacity of the bucket spends the whole bucket.
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
        "connection",
        `of ${perSecond} points a second for one connection`,
        (missing / perSecond) * 1_000,
      );
    }
    bucket.points -= points;
  }

  /** Counts refused points. */
  noteRefused(connection: object, cost: number): Verdict {
    const bucket = this.#bucketOf(connection);
    const nowMs = performance.now();
    if (nowMs - bucket.refusedSinceMs > ABUSE_WINDOW_MS) {
      bucket.refused = 0;
      bucket.refusedSinceMs = nowMs;
    }
    bucket.refused += cost;
    const most = ABUSE_SECONDS * this.#settings.perSecond;
    if (bucket.refused < most) return "keep";
    if (bucket.isClosed) return bucket.refused < 2 * most ? "keep" : "terminate";
    bucket.isClosed = true;
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
      isClosed: false,
    };
    this.#buckets.set(connection, bucket);
    return bucket;
  }
}
