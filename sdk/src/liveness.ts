import { isHidden } from "./page-visibility.js";

/** How often to check whether the device was asleep or the connection is silent. */
const TICK_MS = 5_000;
/** If nothing arrived for this long and the page is visible, the connection is checked. */
const SILENCE_MS = 20_000;
/** How long a check waits for anything to arrive. */
const REPLY_MS = 4_000;

/**
 * Detects a dead connection for which the browser reports no error, such as after sleep. It sends a ping when
 * nothing has arrived for a while, or after the device was asleep. If nothing arrives after the ping either,
 * the connection is dead.
 */
export class Liveness {
  readonly #ping: () => void;
  readonly #onDead: () => void;
  readonly #ticker: ReturnType<typeof setInterval>;
  #receivedAt = performance.now();
  #tickedAt = Date.now();
  #check: ReturnType<typeof setTimeout> | undefined;

  constructor(ping: () => void, onDead: () => void) {
    this.#ping = ping;
    this.#onDead = onDead;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Something arrived. */
  received(): void {
    this.#receivedAt = performance.now();
    clearTimeout(this.#check);
    this.#check = undefined;
  }

  /** Sends a ping and expects something to arrive, unless a check is running already. */
  check(): void {
    if (this.#check !== undefined) return;
    const startedAt = performance.now();
    this.#check = setTimeout(() => {
      this.#check = undefined;
      // If the timer fired late, the page was frozen. A reply may have arrived but not been processed, so check
      // again.
      const stoodStill = performance.now() - startedAt > REPLY_MS + 1_000;
      if (stoodStill) this.check();
      else this.#onDead();
    }, REPLY_MS);
    this.#ping();
  }

  stop(): void {
    clearInterval(this.#ticker);
    clearTimeout(this.#check);
  }

  #tick(): void {
    const now = Date.now();
    const wasAsleep = now - this.#tickedAt > 2 * TICK_MS;
    this.#tickedAt = now;
    const isSilent = performance.now() - this.#receivedAt > SILENCE_MS;
    if (wasAsleep || (isSilent && !isHidden())) this.check();
  }
}
