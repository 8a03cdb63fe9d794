import type { GrandstandError } from "@grandstand/shared/errors";
import type { CounterThreshold } from "@grandstand/shared/events/counter";

/** A live counter. */
export interface LiveCounterState {
  /**
   * `loading`: nothing to show yet · `live`: this is the value · `stale`: this was the value, and is being read
   * again · `failed`: the server refuses to show it, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** 0 while nothing is known. */
  readonly value: number;
  /** The latest threshold that was crossed while it was watched; another object for each crossing. */
  readonly crossing: CounterThreshold | null;
  /** Why it is not live, where that is known. */
  readonly error: GrandstandError | null;
}

export const loadingCounter: LiveCounterState = { status: "loading", value: 0, crossing: null, error: null };
