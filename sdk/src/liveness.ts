import { isHidden } from "./page-visibility.js";

/** How often the clocks and the silence are looked at. */
const TICK_MS = 5_000;
/** A connection that has been silent for so long is checked, while the page is visible. */
const SILENCE_MS = 20_000;
/** How long a check waits for anything to arrive. */
const REPLY_MS = 4_000;

/**
 * Detects a connection that says nothing because it is dead: after sleep, after a frozen page, or half open. It asks the
 * server for a reply, and reports the connection as dead if nothing arrives.
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

  /** Asks for a reply, unless one is awaited already. */
  check(): void {
    if (this.#check !== undefined) return;
    const startedAt = performance.now();
    this.#check = setTimeout(() => {
      this.#check = undefined;
      // The page itself stood still: what arrived meanwhile may not have been handled yet.
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
