import type { GrandstandError } from "@grandstand/shared/errors";

/** Values of several keys, such as rooms or users. */
export interface LiveValuesState<V> {
  /**
   * - `loading`: not all values are known yet
   * - `live`: the values are at most as old as the polling interval. A hidden page does not poll, so its values
   *   can be older.
   * - `stale`: the last known values, which are being read again
   * - `failed`: the server refuses to show the values, or the client is closed
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** By key. A key whose value is not known yet is missing. */
  readonly values: Readonly<Record<string, V>>;
  readonly error: GrandstandError | null;
}

export const loadingValues: LiveValuesState<never> = { status: "loading", values: {}, error: null };
