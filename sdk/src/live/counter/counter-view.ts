import type { GrandstandError } from "@grandstand/shared/errors";
import type { CounterThreshold } from "@grandstand/shared/events/counter";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveCounters } from "./live-counter.js";

/** The state of a live counter. */
export interface LiveCounterState {
  /**
   * `loading`: nothing to show yet · `live`: the present value · `stale`: the last known value, which is being read
   * again · `failed`: the server refuses to show the counter, or the client is closed. A counter that does not exist
   * yet becomes live by itself once it is made.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** 0 while nothing is known. */
  readonly value: number;
  /** The latest threshold that was crossed while the counter was watched; a new object for each crossing. */
  readonly crossing: CounterThreshold | null;
  /** Why the counter is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingCounter: LiveCounterState = { status: "loading", value: 0, crossing: null, error: null };

/**
 * A live counter. It subscribes on the server with its first listener, and unsubscribes shortly after the last one has
 * left. All live counters of one id share one subscription.
 */
export interface LiveCounter extends Store<LiveCounterState> {
  readonly counter: string;
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

export function createLiveCounter(counter: string, counters: LazyLive<LiveCounters>): LiveCounter {
  const store = counters.store(loadingCounter, (live) => ({
    get: () => live.find(counter)?.state ?? loadingCounter,
    subscribe: (listener) => live.open(counter).listen(listener),
  }));
  return { counter, ...store, retry: () => counters.loaded?.find(counter)?.subscription.retry() };
}
