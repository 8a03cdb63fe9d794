import type { GrandstandError } from "@grandstand/shared/errors";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { ValuesPolling } from "./live-values.js";

/** Values of several keys, such as rooms or users. */
export interface LiveValuesState<V> {
  /**
   * `loading`: not all values are known yet · `live`: up to date, by at most the interval of the readings · `stale`: the
   * last known values · `failed`: the server refuses to show them, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** By key. A key of which nothing is known yet is missing. */
  readonly values: Readonly<Record<string, V>>;
  readonly error: GrandstandError | null;
}

/** Values that stay up to date while there are listeners. */
export interface LiveValues<V> extends Store<LiveValuesState<V>> {
  /** Asks again at once. */
  readonly retry: () => void;
}

export const loadingValues: LiveValuesState<never> = { status: "loading", values: {}, error: null };

const nothingAsked: LiveValuesState<never> = { status: "live", values: {}, error: null };

export function createLiveValues<V>(
  keys: readonly string[],
  polling: LazyLive<ValuesPolling<V>>,
): LiveValues<V> {
  if (keys.length === 0) return { get: () => nothingAsked, subscribe: () => () => {}, retry: () => {} };
  const store = polling.store<LiveValuesState<V>>(loadingValues, (live) => live.view(keys));
  return { ...store, retry: () => polling.loaded?.retry() };
}
