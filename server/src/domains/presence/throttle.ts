/** Tells of something at once after a quiet spell, else at the end of the interval, so that the last state is told. */
export class Throttle {
  readonly #tell: () => void;
  readonly #intervalMs: number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number, tell: () => void) {
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  /** There is something to tell. @param intervalMs since it was told last */
  due(intervalMs = this.#intervalMs): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#toldAt + intervalMs - performance.now();
    if (waitMs <= 0) this.now();
    else this.#timer = setTimeout(() => this.now(), Math.ceil(waitMs));
  }

  /** Tells right now. */
  now(): void {
    this.close();
    this.#toldAt = performance.now();
    this.#tell();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
