/** The time constant of the estimate. */
const DECAY_MS = 250;
/** Deliveries a second up to which the batch window is 0, and from which it has its full length. */
const CALM_PER_SECOND = 4_000;
const BUSY_PER_SECOND = 20_000;

/**
 * Estimates how much this node sends, and from that the batch window. It counts demand (publications times
 * receivers), not writes: batching lowers the number of writes, so an estimate of writes would oscillate.
 */
export class SendLoad {
  readonly #longestWindowMs: number;
  #perMs = 0;
  #notedAt = 0;

  constructor(longestWindowMs: number) {
    this.#longestWindowMs = longestWindowMs;
  }

  note(deliveries: number, now: number): void {
    this.#perMs = this.#decayed(now) + deliveries / DECAY_MS;
    this.#notedAt = now;
  }

  /** The present batch window. */
  windowMs(now: number): number {
    const perSecond = this.#decayed(now) * 1_000;
    const share = (perSecond - CALM_PER_SECOND) / (BUSY_PER_SECOND - CALM_PER_SECOND);
    return this.#longestWindowMs * Math.min(1, Math.max(0, share));
  }

  #decayed(now: number): number {
    return this.#perMs * Math.exp((this.#notedAt - now) / DECAY_MS);
  }
}
