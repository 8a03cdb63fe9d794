import type { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** The state of a live board. Unchanged entries, and an unchanged list of entries, stay the same objects. */
export interface LiveLeaderboardState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known board, which is being read
   * again · `failed`: the server refuses to show the board, or the client is closed. A board that does not
   * exist yet becomes live automatically once it is created.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The top entries of the open season, best first. A season is one period of the view's `window`, such as a week. */
  readonly entries: readonly Entry[];
  /** How many entries the whole season has. */
  readonly total: number;
  /**
   * The entry of the client's own user; null if there is none, or if the view was not created with `me:
   * true`.
   */
  readonly me: Entry | null;
  /** The season that is shown, such as `2026-W48`; null while loading. */
  readonly season: string | null;
  /** When the season ends, as an ISO 8601 time; null if no end is set. */
  readonly seasonEndsAt: string | null;
  /**
   * The last season that ended while this view was live, with its final standings; null if none did. It stays
   * null for a view that is polled, see `LiveLeaderboard`.
   */
  readonly lastClosed: LeaderboardSeasonClosed | null;
  /** Why the view is not live, if that is known. */
  readonly error: GrandstandError | null;
}

/** The part of the state that comes from the server. */
export type BoardContent = Omit<LiveLeaderboardState, "status" | "error">;

export const emptyContent: BoardContent = {
  entries: [],
  total: 0,
  me: null,
  season: null,
  seasonEndsAt: null,
  lastClosed: null,
};

export const loadingState: LiveLeaderboardState = { status: "loading", ...emptyContent, error: null };
