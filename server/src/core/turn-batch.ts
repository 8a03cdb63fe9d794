/** The most asks that one batch carries out. */
const MAX_ASKS = 250;

interface Waiting<Ask, Result> {
  ask: Ask;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers all calls of `ask` in one turn of the event loop, and carries them out together when the turn ends.
 * This saves commands to Redis when thousands of connections ask at once, as after an outage. No call waits
 * for later turns.
 */
export class TurnBatch<Ask, Result> {
  readonly #carryOut: (asks: Ask[]) => Promise<Result[]>;
  #waiting: Waiting<Ask, Result>[] = [];

  /**
   * @param carryOut returns one result for each ask, in the same order. If it rejects, each of these asks
   * rejects
   */
  constructor(carryOut: (asks: Ask[]) => Promise<Result[]>) {
    this.#carryOut = carryOut;
  }

  /** @returns the result of a batch that begins after this call */
  ask(ask: Ask): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ ask, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += MAX_ASKS) void this.#run(waiting.slice(at, at + MAX_ASKS));
  }

  async #run(waiting: Waiting<Ask, Result>[]): Promise<void> {
    try {
      const results = await this.#carryOut(waiting.map(({ ask }) => ask));
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at]!);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
