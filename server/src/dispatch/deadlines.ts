/** More settled ones than this are forgotten before a timer fires. */
const MOST_SETTLED = 100;

const nothing = () => {};

/** What waits for its deadline. */
interface Waiting {
  /** By `performance.now()`. */
  endsAt: number;
  isSettled: boolean;
  end(): void;
}

/**
 * Deadlines that are all equally long, so they end in the order in which they began: one timer watches the oldest that is
 * not settled, where a timer for each call would cost more than many calls do.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #error: Error;
  /** The oldest first. Settled ones are forgotten when the timer fires, and once they are the most. */
  #waiting: Waiting[] = [];
  #settled = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param error the reason of an answer that did not come in time */
  constructor(ms: number, error: Error) {
    this.#ms = ms;
    this.#error = error;
  }

  /** The answer, or a rejection when there is none in time. */
  race<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        endsAt: performance.now() + this.#ms,
        isSettled: false,
        end: () => reject(this.#error),
      };
      this.#waiting.push(waiting);
      this.#timer ??= setTimeout(this.#check, this.#ms).unref();
      answer.then(
        (value) => {
          this.#settle(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#settle(waiting);
          reject(error);
        },
      );
    });
  }

  /** How many answers are kept; at most about twice those that are awaited. */
  get size(): number {
    return this.#waiting.length;
  }

  #settle(waiting: Waiting): void {
    waiting.isSettled = true;
    // It would keep the answer.
    waiting.end = nothing;
    this.#settled += 1;
    if (this.#settled > MOST_SETTLED && 2 * this.#settled > this.#waiting.length) this.#forgetSettled();
  }

  #forgetSettled(): void {
    this.#waiting = this.#waiting.filter(({ isSettled }) => !isSettled);
    this.#settled = 0;
  }

  readonly #check = (): void => {
    this.#timer = null;
    this.#forgetSettled();
    const now = performance.now();
    const late = this.#waiting.findIndex(({ endsAt }) => endsAt > now);
    for (const waiting of this.#waiting.splice(0, late < 0 ? this.#waiting.length : late)) waiting.end();
    const [oldest] = this.#waiting;
    if (oldest) this.#timer = setTimeout(this.#check, oldest.endsAt - now).unref();
  };
}
