/** The most asks that one batch carries out. */
const MAX_ASKS = 250;

interface Waiting<Ask, Result> {
  ask: Ask;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers what is asked within one turn of the event loop, and carries it out together when the turn ends. A lone ask does not
 * wait for others. After an outage thousands of connections ask the same in a moment.
 */
export class TurnBatch<Ask, Result> {
  readonly #carryOut: (asks: Ask[]) => Promise<Result[]>;
  #waiting: Waiting<Ask, Result>[] = [];

  /** @param carryOut returns the result of each ask, in their order; its failure is the failure of each */
  constructor(carryOut: (asks: Ask[]) => Promise<Result[]>) {
    this.#carryOut = carryOut;
  }

  /** @returns the result of work that begins after this call */
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
