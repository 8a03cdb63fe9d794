import { retry } from "./retry.js";

/**
 * Runs a task on request, one run at a time. Requests during a run cause one more run, and a failed run is repeated until
 * it succeeds.
 */
export class CoalescedTask {
  readonly #run: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #isRequested = false;
  #isRunning = false;
  #isClosed = false;

  constructor(run: () => Promise<void>, onError: (error: unknown) => void) {
    this.#run = run;
    this.#onError = onError;
  }

  request(): void {
    this.#isRequested = true;
    if (!this.#isRunning) void this.#runAll();
  }

  /** Prevents further runs. A run that has begun goes on until its end. */
  close(): void {
    this.#isClosed = true;
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#isRequested && !this.#isClosed) {
      this.#isRequested = false;
      await retry(this.#run, { isCancelled: () => this.#isClosed, onError: this.#onError });
    }
    this.#isRunning = false;
  }
}
