import type { GrandstandError } from "@grandstand/shared/errors";
import { whenVisible } from "../../page-visibility.js";
import { LATER, Retry, retryAfter } from "./retry.js";

export interface PollingObserver<T> {
  /** Rejects only with a `GrandstandError`. */
  read(): Promise<T>;
  onRead(value: T): void;
  /** A read failed and is retried soon. The error is null if the connection was lost. */
  onInterrupted(error: GrandstandError | null): void;
  /** The server refused a read. If the reason may end, such as a ban, the read is retried from time to time. */
  onRefused(error: GrandstandError): void;
}

/**
 * Reads something at an interval, while it is wanted and the client is connected. In a hidden page, the next
 * read waits until the page is visible.
 */
export class Polling<T> {
  readonly #wire: { readonly isLive: boolean };
  readonly #everyMs: number;
  readonly #observer: PollingObserver<T>;
  readonly #next = new Retry(() => this.#readWhenVisible());
  readonly #refusedRetry = new Retry(() => this.#readWhenVisible(), LATER);
  #stopWaiting = () => {};
  #isWanted = false;
  /** Counts the calls of `#rest`. The result of a read that began before the latest call is ignored. */
  #round = 0;

  /** @param everyMs the pause between a reply and the next read */
  constructor(wire: { readonly isLive: boolean }, everyMs: number, observer: PollingObserver<T>) {
    this.#wire = wire;
    this.#everyMs = everyMs;
    this.#observer = observer;
  }

  /** Starts the polling. If it runs already, reads again at once: `read` may read something else now. */
  start(): void {
    this.#isWanted = true;
    this.readNow();
  }

  /** Allows reads. The first read comes with the next `readNow`. */
  want(): void {
    this.#isWanted = true;
  }

  stop(): void {
    this.#isWanted = false;
    this.#rest();
  }

  /** Reads immediately, even if the page is hidden or the server refused the last read. */
  readNow(): void {
    this.#rest();
    this.#refusedRetry.reset();
    if (this.#isWanted && this.#wire.isLive) void this.#read();
  }

  onLost(): void {
    this.#rest();
    if (this.#isWanted) this.#observer.onInterrupted(null);
  }

  #rest(): void {
    this.#round += 1;
    this.#next.cancel();
    this.#refusedRetry.cancel();
    this.#stopWaiting();
  }

  #readWhenVisible(): void {
    this.#stopWaiting = whenVisible(() => void this.#read());
  }

  async #read(): Promise<void> {
    const round = this.#round;
    try {
      const value = await this.#observer.read();
      if (round !== this.#round) return;
      this.#refusedRetry.reset();
      this.#observer.onRead(value);
      this.#next.scheduleIn(this.#everyMs);
    } catch (error) {
      if (round === this.#round) this.#onError(error as GrandstandError);
    }
  }

  #onError(error: GrandstandError): void {
    const retry = retryAfter(error);
    if (retry === "soon") {
      this.#observer.onInterrupted(error);
      this.#next.scheduleIn(Math.max(this.#everyMs, error.retryAfterMs ?? 0));
    } else {
      this.#observer.onRefused(error);
      if (retry === "later") this.#refusedRetry.schedule();
    }
  }
}
