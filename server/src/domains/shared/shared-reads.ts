/**
 * Runs a read once for all who ask for it in the same turn of the event loop. The run begins when the turn ends, so
 * nobody shares one that was sent before they asked: each caller reads what it wrote.
 */
export class SharedReads<Result> {
  readonly #waiting = new Map<string, Promise<Result>>();

  /** @param key what is read, and as whom */
  read(key: string, run: () => Promise<Result>): Promise<Result> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const reading = new Promise<Result>((resolve) => {
      setImmediate(() => {
        this.#waiting.delete(key);
        resolve(run());
      });
    });
    this.#waiting.set(key, reading);
    return reading;
  }
}
