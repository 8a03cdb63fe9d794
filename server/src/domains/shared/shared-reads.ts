/**
 * Runs a read once for all callers that request it in the same turn of the event loop. The read begins after that turn, so
 * each caller sees its own earlier writes.
 */
export class SharedReads<Result> {
  readonly #waiting = new Map<string, Promise<Result>>();

  /** @param key identifies the read, including the caller if the result depends on the caller */
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
