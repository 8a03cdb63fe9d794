import { LimitReached } from "./limit-reached.js";

/** Those that are refused return spread over this time. */
const SPREAD_MS = 2_000;

/**
 * How many connections a node admits in a second. After an outage all clients return at once: a node that took them all in
 * would serve none of them in time.
 */
export class OpeningRate {
  readonly #perSecond: number;
  #points: number;
  #filledAtMs = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#points = perSecond;
  }

  /** @throws {LimitReached} with a random delay, so that those that are refused do not return together */
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
