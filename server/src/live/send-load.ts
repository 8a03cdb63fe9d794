/** How quickly the estimate forgets, in milliseconds. */
const MEMORY_MS = 250;
/** Deliveries a second up to which nothing waits, and from which on batches are as long as allowed. */
const CALM_PER_SECOND = 4_000;
const BUSY_PER_SECOND = 20_000;

/**
 * Estimates how much this node has to send, and so how long publications should gather. Writing to a socket
 * costs some ten microseconds whatever its size, so under load fewer, larger writes are what saves a
 * node; with little to send they would only add latency.
 *
 * It counts demand (publications times receivers), not writes: batching lowers writes, and an estimate of
 * those would swing.
 */
export class SendLoad {
  readonly #longestWindowMs: number;
  #perMs = 0;
  #notedAt = 0;

  constructor(longestWindowMs: number) {
    this.#longestWindowMs = longestWindowMs;
  }

  note(deliveries: number, now: number): void {
    this.#perMs = this.#decayed(now) + deliveries / MEMORY_MS;
    this.#notedAt = now;
  }

  /** For how long publications of one group should gather now, in milliseconds. */
  windowMs(now: number): number {
    const perSecond = this.#decayed(now) * 1_000;
    const share = (perSecond - CALM_PER_SECOND) / (BUSY_PER_SECOND - CALM_PER_SECOND);
    return this.#longestWindowMs * Math.min(1, Math.max(0, share));
  }

  #decayed(now: number): number {
    return this.#perMs * Math.exp((this.#notedAt - now) / MEMORY_MS);
  }
}
