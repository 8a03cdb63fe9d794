/** The least time between two runs, so that there are at most a hundred runs a second (CN3). */
const TICK_MS = 10;
/** The greatest number of calls in one run. A longer run would make other callers of Redis wait. */
const MOST_PER_RUN = 1_000;

/** Carries out calls in order. @returns one answer for each */
export type Run<Asked, Answer> = (asked: Asked[]) => Promise<Answer[]>;

interface Caller<Asked, Answer> {
  asked: Asked;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers calls that arrive within a tick into one run. The first call after an idle tick runs immediately. Calls
 * that arrive during the next tick run together at its end. Calls are answered after their run, in the order of
 * arrival. If a run fails, all its calls fail.
 */
export class Batcher<Asked, Answer> {
  readonly #run: Run<Asked, Answer>;
  readonly #onIdle: () => void;
  #waiting: Caller<Asked, Answer>[] = [];
  #ranAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param onIdle called after a tick without calls */
  constructor(run: Run<Asked, Answer>, onIdle: () => void = () => {}) {
    this.#run = run;
    this.#onIdle = onIdle;
  }

  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      if (this.#timer === undefined) this.#runNow();
    });
  }

  #runNow(): void {
    const callers = this.#waiting.splice(0, MOST_PER_RUN);
    this.#ranAt = performance.now();
    this.#timer = setTimeout(this.#onTick, TICK_MS);
    void this.#answer(callers);
  }

  async #answer(callers: Caller<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await this.#run(callers.map(({ asked }) => asked));
      for (const [at, { resolve }] of callers.entries()) resolve(answers[at]!);
    } catch (error) {
      for (const { reject } of callers) reject(error);
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

/** One batcher for each key, such as the id of a counter. A batcher is removed after a tick without calls. */
export class KeyedBatcher<Asked, Answer> {
  readonly #runOf: (key: string) => Run<Asked, Answer>;
  readonly #byKey = new Map<string, Batcher<Asked, Answer>>();

  constructor(runOf: (key: string) => Run<Asked, Answer>) {
    this.#runOf = runOf;
  }

  /** The number of keys with calls within the last tick. */
  get size(): number {
    return this.#byKey.size;
  }

  ask(key: string, asked: Asked): Promise<Answer> {
    const known = this.#byKey.get(key);
    if (known) return known.ask(asked);
    const batcher = new Batcher(this.#runOf(key), () => this.#byKey.delete(key));
    this.#byKey.set(key, batcher);
    return batcher.ask(asked);
  }
}
