import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { ValuesPolling } from "./live-values.js";
import { type LiveValuesState, loadingValues } from "./values-state.js";

/** Values by key that stay up to date while the store has listeners. */
export interface LiveValues<V> extends Store<LiveValuesState<V>> {
  /** Reads the values immediately. */
  readonly retry: () => void;
}

const nothingAsked: LiveValuesState<never> = { status: "live", values: {}, error: null };

export function createLiveValues<V>(
  keys: readonly string[],
  polling: LazyLive<ValuesPolling<V>>,
): LiveValues<V> {
  if (keys.length === 0) return { get: () => nothingAsked, subscribe: () => () => {}, retry: () => {} };
  const store = polling.store<LiveValuesState<V>>(loadingValues, (live) => live.view(keys));
  return { ...store, retry: () => polling.loaded?.retry() };
}
