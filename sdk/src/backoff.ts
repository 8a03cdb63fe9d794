const BASE_MS = 500;
const CEILING_MS = 5_000;

/** Exponential delays with jitter between attempts, so that clients that lost a node together return spread out. */
export class Backoff {
  #attempts = 0;

  /** The delay before the next attempt, in milliseconds. */
  nextMs(): number {
    const ceiling = Math.min(CEILING_MS, BASE_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return ceiling * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
