/** The least time between two runs, so that there are at most a hundred runs a second. */
const TICK_MS = 10;
/** The greatest number of items in one run. Redis serves no other command during the script of a run. */
const MOST_PER_RUN = 1_000;

/** Carries out items in order. @returns one result for each item */
export type Run<Item, Result> = (items: Item[]) => Promise<Result[]>;

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers items that are added within a tick into one run. The first item after an idle tick runs immediately, and begins
 * a tick. Items that are added during a tick run together at its end. If a run fails, `add` rejects for each of its items.
 */
export class Batcher<Item, Result> {
  readonly #run: Run<Item, Result>;
  readonly #onIdle: () => void;
  #waiting: Waiting<Item, Result>[] = [];
  #ranAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param onIdle called after a tick without items */
  constructor(run: Run<Item, Result>, onIdle: () => void = () => {}) {
    this.#run = run;
    this.#onIdle = onIdle;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#timer === undefined) this.#runNow();
    });
  }

  #runNow(): void {
    const next = this.#waiting.splice(0, MOST_PER_RUN);
    this.#ranAt = performance.now();
    this.#timer = setTimeout(this.#onTick, TICK_MS);
    void this.#carryOut(next);
  }

  async #carryOut(waiting: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(waiting.map(({ item }) => item));
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at]!);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  readonly #onTick = (): void => {
    // A timer may fire slightly too early. Another timer then waits for the rest of the tick.
    const leftMs = TICK_MS - (performance.now() - this.#ranAt);
    this.#timer = leftMs > 0 ? setTimeout(this.#onTick, Math.ceil(leftMs)) : undefined;
    if (this.#timer !== undefined) return;
    if (this.#waiting.length > 0) this.#runNow();
    else this.#onIdle();
  };
}

/** One batcher for each key, such as the id of a counter. A batcher is removed after a tick without items. */
export class KeyedBatcher<Item, Result> {
  readonly #runOf: (key: string) => Run<Item, Result>;
  readonly #byKey = new Map<string, Batcher<Item, Result>>();

  constructor(runOf: (key: string) => Run<Item, Result>) {
    this.#runOf = runOf;
  }

  /** The number of keys with items within the last tick. */
  get size(): number {
    return this.#byKey.size;
  }

  add(key: string, item: Item): Promise<Result> {
    const known = this.#byKey.get(key);
    if (known) return known.add(item);
    const batcher = new Batcher(this.#runOf(key), () => this.#byKey.delete(key));
    this.#byKey.set(key, batcher);
    return batcher.add(item);
  }
}
