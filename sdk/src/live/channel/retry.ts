import { errorTable, type GrandstandError } from "@grandstand/shared/errors";

/** The bounds of the delay before a retry. The delay doubles each time and has jitter. */
export interface RetryBounds {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** For what fails for a moment: an outage, or a limit on the rate of calls. */
const SOON: RetryBounds = { firstMs: 500, mostMs: 5_000 };
/** For what the server refused, and may allow later. */
export const LATER: RetryBounds = { firstMs: 2_000, mostMs: 30_000 };

const mayChange: ReadonlySet<string> = new Set(["forbidden", "not_found", "conflict"]);

/**
 * Whether to try again after an error: `soon` after an outage or a rate limit; `later` after a refusal that a new board,
 * a membership or the end of a ban may change; `never` if the request itself is wrong.
 */
export function retryAfter({ code }: GrandstandError): "soon" | "later" | "never" {
  if (errorTable[code]?.retry) return "soon";
  return mayChange.has(code) ? "later" : "never";
}

/** Runs a step again after growing delays. At most one retry waits at a time. */
export class Retry {
  readonly #step: () => void;
  readonly #bounds: RetryBounds;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(step: () => void, bounds: RetryBounds = SOON) {
    this.#step = step;
    this.#bounds = bounds;
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Schedules the step. It replaces a retry that waits. @param leastMs a delay that the server asked for */
  schedule(leastMs = 0): void {
    const { firstMs, mostMs } = this.#bounds;
    const ceilingMs = Math.min(mostMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    this.scheduleIn(Math.max(leastMs, ceilingMs * (0.5 + Math.random() / 2)));
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
    this.#attempts = 0;
  }
}
