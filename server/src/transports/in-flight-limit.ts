import type { WireError } from "@grandstand/shared/errors";
import { LimitReached } from "../limits/limit-reached.js";

/** A connection with this many calls in flight is not read until half of them are answered. */
const PAUSE_AT = 1_000;
/** Calls that were already read, or arrive in one body of long-polling, may exceed this. Above this they are refused. */
const REFUSE_ABOVE = 4 * PAUSE_AT;
/** Every call has a reply within three seconds. */
const RETRY_AFTER_MS = 1_000;

/** A stream of calls that can be paused. */
interface Source {
  pause(): void;
  resume(): void;
}

/** Limits the calls of one connection that have no reply yet, because each uses memory. */
export class InFlightLimit {
  #count = 0;
  #paused: Source | null = null;

  /**
   * Counts a call.
   * @param source undefined when it cannot be paused
   */
  begin(source: Source | undefined): void {
    this.#count += 1;
    if (this.#count < PAUSE_AT || this.#paused !== null || source === undefined) return;
    this.#paused = source;
    source.pause();
  }

  /** Whether the last call exceeds the limit. */
  get isExceeded(): boolean {
    return this.#count > REFUSE_ABOVE;
  }

  get refusal(): WireError {
    const limit = `of ${REFUSE_ABOVE} calls of one connection in flight`;
    return new LimitReached(limit, RETRY_AFTER_MS).toWire();
  }

  /** Counts a reply. */
  end(): void {
    this.#count -= 1;
    if (this.#paused === null || this.#count > PAUSE_AT / 2) return;
    const source = this.#paused;
    this.#paused = null;
    source.resume();
  }
}
