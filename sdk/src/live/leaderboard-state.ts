import type { GrandstandError } from "@grandstand/shared/errors";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** A live view of a board. Rows that did not change are the same objects as before, and so is their list. */
export interface LiveLeaderboardState {
  /**
   * `loading`: nothing to show yet · `live`: this is the board · `stale`: this was the board, and is being
   * read again · `failed`: the server refuses to show it, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The top entries, best first. */
  readonly entries: readonly Entry[];
  /** How many entries the whole board has. */
  readonly total: number;
  /** The caller's own entry; null when it has none, or when the view did not ask for it. */
  readonly me: Entry | null;
  /** Why the view is not live, where that is known. */
  readonly error: GrandstandError | null;
}

export const loadingState: LiveLeaderboardState = {
  status: "loading",
  entries: [],
  total: 0,
  me: null,
  error: null,
};
