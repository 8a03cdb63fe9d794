const BASE_MS = 500;
const CEILING_MS = 5_000;

/** Growing delays between attempts, each with jitter, so that clients dropped together don't return together. */
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
