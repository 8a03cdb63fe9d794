import { LimitReached } from "../limits/limit-reached.js";

/** With this many calls in flight, a connection is not read until half of them have a reply. */
const PAUSE_AT = 1_000;
/**
 * Calls above this number are refused. A paused connection can reach this number with calls that were read
 * before the pause, or that arrived in one body of long-polling.
 */
const REFUSE_ABOVE = 4 * PAUSE_AT;
/**
 * After this time a refused client may try again. Each call ends within three seconds, so some of the calls in flight
 * have ended by then.
 */
const RETRY_AFTER_MS = 1_000;

/** The socket that calls are read from. */
interface CallSource {
  pause(): void;
  resume(): void;
}

/** Bounds the calls of one connection that have no reply yet, because each takes memory. */
export class InFlightLimit {
  #count = 0;
  #paused: CallSource | null = null;

  /**
   * A call begins.
   * @param source undefined for a connection that can't be paused
   */
  begin(source: CallSource | undefined): void {
    this.#count += 1;
    if (this.#count < PAUSE_AT || this.#paused !== null || source === undefined) return;
    this.#paused = source;
    source.pause();
  }

  /** Whether the last call exceeds the limit. */
  get isExceeded(): boolean {
    return this.#count > REFUSE_ABOVE;
  }

  get refusal(): LimitReached {
    const limit = `of ${REFUSE_ABOVE} calls of one connection without an answer`;
    return new LimitReached("inFlight", limit, RETRY_AFTER_MS);
  }

  /** A call has its reply. */
  end(): void {
    this.#count -= 1;
    if (this.#paused === null || this.#count > PAUSE_AT / 2) return;
    const source = this.#paused;
    this.#paused = null;
    source.resume();
  }
}
