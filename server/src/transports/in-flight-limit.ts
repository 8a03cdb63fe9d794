import type { WireError } from "@grandstand/shared/errors";
import { LimitReached } from "../limits/limit-reached.js";

/** With so many calls that have no answer yet a connection is read no further, until half of them have one. */
const PAUSE_AT = 1_000;
/** What was read already, or comes in a body of long-polling, can be more. Past this it is refused. */
const REFUSE_ABOVE = 4 * PAUSE_AT;
/** A call is answered or given up in less than three seconds. */
const RETRY_AFTER_MS = 1_000;

/** Where calls come from, and wait when they are not read. */
interface Source {
  pause(): void;
  resume(): void;
}

/** The calls of one connection that have no answer yet. Each takes memory, whatever limits there are. */
export class InFlightLimit {
  #count = 0;
  #paused: Source | null = null;

  /**
   * One more has come.
   * @param source undefined where it can't be told to wait
   */
  begin(source: Source | undefined): void {
    this.#count += 1;
    if (this.#count < PAUSE_AT || this.#paused !== null || source === undefined) return;
    this.#paused = source;
    source.pause();
  }

  /** Whether the last that came is one too much. */
  get isExceeded(): boolean {
    return this.#count > REFUSE_ABOVE;
  }

  get refusal(): WireError {
    const limit = `of ${REFUSE_ABOVE} calls of one connection without an answer`;
    return new LimitReached(limit, RETRY_AFTER_MS).toWire();
  }

  /** One of them was answered. */
  end(): void {
    this.#count -= 1;
    if (this.#paused === null || this.#count > PAUSE_AT / 2) return;
    const source = this.#paused;
    this.#paused = null;
    source.resume();
  }
}
