import type { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** A live view of a board. Rows that did not change are the same objects as before, and so is their list. */
export interface LiveLeaderboardState {
  /**
   * `loading`: nothing to show yet · `live`: this is the board · `stale`: this was the board, and is being
   * read again · `failed`: the server refuses to show it, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The top entries of the window's open season, best first. */
  readonly entries: readonly Entry[];
  /** How many entries the whole season has. */
  readonly total: number;
  /** The caller's own entry; null when it has none, or when the view did not ask for it. */
  readonly me: Entry | null;
  /** The season that is shown, as `2026-W48`; null while loading. */
  readonly season: string | null;
  /** When that season ends by the calendar, ISO 8601; null when it doesn't. */
  readonly seasonEndsAt: string | null;
  /**
   * The last season that ended before the eyes of this view, with its final standings; null when none has. One that
   * ended while the view was not live, or was read once a second (`LiveLeaderboard`), isn't told of.
   */
  readonly lastClosed: LeaderboardSeasonClosed | null;
  /** Why the view is not live, where that is known. */
  readonly error: GrandstandError | null;
}

export const loadingState: LiveLeaderboardState = {
  status: "loading",
  entries: [],
  total: 0,
  me: null,
  season: null,
  seasonEndsAt: null,
  lastClosed: null,
  error: null,
};
