/** If `Deadlines` has at most this many settled entries, it keeps them until its timer fires. */
const FORGET_ABOVE = 100;

const nothing = () => {};

/** A promise that is awaited until its deadline. */
interface Waiting {
  /** By `performance.now()`. */
  endsAt: number;
  isSettled: boolean;
  end(): void;
}

/**
 * Time limits of equal length. They end in the order in which they began, so one timer for the oldest is enough. A
 * timer for each promise would often cost more than the awaited call itself.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #error: Error;
  /**
   * The oldest first. Settled entries are removed when the timer fires, or once they are more than half of all entries
   * and more than FORGET_ABOVE.
   */
  #waiting: Waiting[] = [];
  #settled = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param error the error with which `race` rejects at the deadline */
  constructor(ms: number, error: Error) {
    this.#ms = ms;
    this.#error = error;
  }

  /** Settles like `promise`, or rejects at the deadline if the promise has not settled by then. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        endsAt: performance.now() + this.#ms,
        isSettled: false,
        end: () => reject(this.#error),
      };
      this.#waiting.push(waiting);
      this.#timer ??= setTimeout(this.#check, this.#ms).unref();
      promise.then(
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

  /**
   * The number of entries, settled ones included. It is at most FORGET_ABOVE plus twice the number of awaited promises.
   */
  get size(): number {
    return this.#waiting.length;
  }

  #settle(waiting: Waiting): void {
    waiting.isSettled = true;
    // The former `end` refers to the promise, and would keep the promise and its value in memory.
    waiting.end = nothing;
    this.#settled += 1;
    if (this.#settled > FORGET_ABOVE && 2 * this.#settled > this.#waiting.length) this.#forgetSettled();
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
