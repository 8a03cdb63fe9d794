import type { GrandstandError } from "@grandstand/shared/errors";
import type { CounterThreshold } from "@grandstand/shared/events/counter";

/** The state of a live counter. */
export interface LiveCounterState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known value, which is being read
   * again · `failed`: the server refuses to show the counter, or the client is closed. A counter that does
   * not exist yet becomes live automatically once it is created.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The value; 0 while it is not known. */
  readonly value: number;
  /** The last threshold that was crossed while `status` was `live`; null if none. Each crossing is a new object. */
  readonly crossing: CounterThreshold | null;
  /** Why the counter is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingCounter: LiveCounterState = { status: "loading", value: 0, crossing: null, error: null };
