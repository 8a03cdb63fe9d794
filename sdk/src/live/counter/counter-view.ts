import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type LiveCounterState, loadingCounter } from "./counter-state.js";
import type { LiveCounters } from "./live-counter.js";

/**
 * A live counter. It subscribes on the server while it has listeners, and unsubscribes shortly after the last
 * listener was removed. All live views of one counter share one subscription.
 */
export interface LiveCounter extends Store<LiveCounterState> {
  readonly counter: string;
  /** Retries a refused subscription immediately. */
  readonly retry: () => void;
}

export function createLiveCounter(counter: string, counters: LazyLive<LiveCounters>): LiveCounter {
  const store = counters.store(loadingCounter, (live) => ({
    get: () => live.find(counter)?.state ?? loadingCounter,
    subscribe: (listener) => live.open(counter).listen(listener),
  }));
  return { counter, ...store, retry: () => counters.loaded?.find(counter)?.subscription.retry() };
}
