/** The shortest and the longest delay, before jitter. Jitter shortens a delay by up to half. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly mostMs: number;
}

const SOON: BackoffBounds = { firstMs: 500, mostMs: 5_000 };

/**
 * Exponential backoff with jitter: each delay is twice as long as the one before, up to a bound. Without the
 * jitter, all clients of a node that failed would reconnect at the same moment.
 */
export class Backoff {
  readonly #bounds: BackoffBounds;
  #attempts = 0;

  constructor(bounds: BackoffBounds = SOON) {
    this.#bounds = bounds;
  }

  /** The delay before the next attempt, in milliseconds. */
  nextMs(): number {
    const { firstMs, mostMs } = this.#bounds;
    const ceilingMs = Math.min(mostMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return ceilingMs * (0.5 + Math.random() / 2);
  }

  /** The attempt succeeded: the next delay is the shortest again. */
  reset(): void {
    this.#attempts = 0;
  }
}
