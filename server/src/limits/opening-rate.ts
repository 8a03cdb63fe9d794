import { LimitReached } from "./limit-reached.js";

/** The retries of refused clients are spread over this time. */
const SPREAD_MS = 2_000;

/**
 * Bounds how many connections a node admits in a second. After an outage all clients reconnect at once. A
 * node that admitted all of them together would serve none of them in time.
 */
export class OpeningRate {
  readonly #perSecond: number;
  #points: number;
  #filledAtMs = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#points = perSecond;
  }

  /** @throws {LimitReached} with a random delay, so that refused clients do not retry together */
  spend(): void {
    const nowMs = performance.now();
    const gained = ((nowMs - this.#filledAtMs) / 1_000) * this.#perSecond;
    this.#points = Math.min(this.#perSecond, this.#points + gained);
    this.#filledAtMs = nowMs;
    if (this.#points < 1) {
      const retryAfterMs = 250 + Math.random() * SPREAD_MS;
      throw new LimitReached(
        "connectionsPerSecond",
        `of ${this.#perSecond} new connections a second on one node`,
        retryAfterMs,
      );
    }
    this.#points -= 1;
  }
}
