/** The time constant of the estimate, in milliseconds. */
const MEMORY_MS = 250;
/** Deliveries per second up to which the window is 0, and from which it has its full length. */
const CALM_PER_SECOND = 4_000;
const BUSY_PER_SECOND = 20_000;

/**
 * Estimates how much this node has to send, which sets the batch window. A write to a socket costs some ten microseconds
 * whatever its size, so under load fewer and larger writes save CPU. With little to send, batching would only add latency.
 *
 * It counts demand (publications times receivers), not writes: batching reduces writes, so an estimate of writes would oscillate.
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

  /** The batch window of a fan-out group now, in milliseconds. */
  windowMs(now: number): number {
    const perSecond = this.#decayed(now) * 1_000;
    const share = (perSecond - CALM_PER_SECOND) / (BUSY_PER_SECOND - CALM_PER_SECOND);
    return this.#longestWindowMs * Math.min(1, Math.max(0, share));
  }

  #decayed(now: number): number {
    return this.#perMs * Math.exp((this.#notedAt - now) / MEMORY_MS);
  }
}
