/** The least time between two runs: at most a hundred a second (CN3). */
const TICK_MS = 10;
/** What one run takes at most; the rest waits for the next. A longer run would keep Redis from its other callers. */
const MOST_PER_RUN = 1_000;

/** Carries out what was asked for, in order. @returns one answer for each. */
export type Run<Asked, Answer> = (asked: Asked[]) => Promise<Answer[]>;

interface Caller<Asked, Answer> {
  asked: Asked;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers what many callers ask for at nearly the same time into one run. Who comes after a quiet spell is carried
 * out at once; those behind it, within the tick, together at its end. Each gets an answer of its own, in the order
 * of arrival, and none before the run has answered. A run that fails fails for all who were in it.
 */
export class Batcher<Asked, Answer> {
  readonly #run: Run<Asked, Answer>;
  readonly #onIdle: () => void;
  #waiting: Caller<Asked, Answer>[] = [];
  #ranAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param onIdle called when a tick passed in which nobody came */
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
    // Timers may fire a moment early.
    const leftMs = TICK_MS - (performance.now() - this.#ranAt);
    this.#timer = leftMs > 0 ? setTimeout(this.#onTick, Math.ceil(leftMs)) : undefined;
    if (this.#timer !== undefined) return;
    if (this.#waiting.length > 0) this.#runNow();
    else this.#onIdle();
  };
}

/** A gathering for each counter, or whatever else an id names, that is being asked. */
export class KeyedBatcher<Asked, Answer> {
  readonly #runOf: (counter: string) => Run<Asked, Answer>;
  readonly #byCounter = new Map<string, Batcher<Asked, Answer>>();

  constructor(runOf: (counter: string) => Run<Asked, Answer>) {
    this.#runOf = runOf;
  }

  /** How many counters were asked within the last tick. */
  get size(): number {
    return this.#byCounter.size;
  }

  ask(counter: string, asked: Asked): Promise<Answer> {
    const known = this.#byCounter.get(counter);
    if (known) return known.ask(asked);
    const gathering = new Batcher(this.#runOf(counter), () => this.#byCounter.delete(counter));
    this.#byCounter.set(counter, gathering);
    return gathering.ask(asked);
  }
}
