import { errorTable } from "@grandstand/shared/error-table";
import type { GrandstandError } from "@grandstand/shared/errors";
import { Backoff, type BackoffBounds } from "../../backoff.js";

/** The delays between retries after a refusal whose reason may pass, such as a ban. */
export const LATER: BackoffBounds = { firstMs: 2_000, mostMs: 30_000 };

const mayChange: ReadonlySet<string> = new Set(["forbidden", "not_found", "conflict"]);

/**
 * Whether to retry after an error: `soon` after an outage or a rate limit; `later` after a refusal that may
 * pass, because the board may be created, the user may become a member, or a ban may end; `never` after any
 * other error, such as `bad_request`.
 */
export function retryAfter({ code }: GrandstandError): "soon" | "later" | "never" {
  if (errorTable[code]?.retry) return "soon";
  return mayChange.has(code) ? "later" : "never";
}

/** Runs a step again after a delay with backoff. At most one retry is scheduled at a time. */
export class Retry {
  readonly #step: () => void;
  readonly #backoff: Backoff;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(step: () => void, bounds?: BackoffBounds) {
    this.#step = step;
    this.#backoff = new Backoff(bounds);
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /**
   * Schedules the step, and cancels an earlier schedule.
   * @param leastMs the delay that the server asked for
   */
  schedule(leastMs = 0): void {
    this.scheduleIn(Math.max(leastMs, this.#backoff.nextMs()));
  }

  /** Schedules the step after exactly this delay. */
  scheduleIn(delayMs: number): void {
    this.cancel();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#step();
    }, delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The step succeeded: the next delay is the shortest again. */
  reset(): void {
    this.#backoff.reset();
  }
}
