/**
 * Runs a requested action at most once per interval: at once if the last run was at least one interval ago,
 * otherwise one interval after the last run. `runNow` does not wait.
 */
export class Throttle {
  readonly #action: () => void;
  readonly #intervalMs: number;
  #ranAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, action: () => void) {
    this.#intervalMs = intervalMs;
    this.#action = action;
  }

  /** @param intervalMs the least time between the last run and this one */
  request(intervalMs = this.#intervalMs): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#ranAt + intervalMs - performance.now();
    if (waitMs <= 0) this.runNow();
    else this.#timer = setTimeout(() => this.runNow(), Math.ceil(waitMs));
  }

  runNow(): void {
    this.close();
    this.#ranAt = performance.now();
    this.#action();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
