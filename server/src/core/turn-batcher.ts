/** The most items in one batch. */
const MAX_ITEMS = 250;

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers the items that are added in one turn of the event loop, and carries them out together when the turn ends.
 * This saves commands to Redis when thousands of connections begin at once, as after an outage. No item waits for
 * later turns.
 */
export class TurnBatcher<Item, Result> {
  readonly #carryOut: (items: Item[]) => Promise<Result[]>;
  #waiting: Waiting<Item, Result>[] = [];

  /** @param carryOut returns one result for each item, in the same order. If it rejects, `add` rejects for each item */
  constructor(carryOut: (items: Item[]) => Promise<Result[]>) {
    this.#carryOut = carryOut;
  }

  /** @returns the item's result, from a batch that begins after this call */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ item, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += MAX_ITEMS) void this.#run(waiting.slice(at, at + MAX_ITEMS));
  }

  async #run(waiting: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#carryOut(waiting.map(({ item }) => item));
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at]!);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
