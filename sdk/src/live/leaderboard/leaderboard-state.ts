import type { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** The state of a live view. Rows that did not change stay the same objects, and so does their list. */
export interface LiveLeaderboardState {
  /**
   * `loading`: nothing to show yet · `live`: the present board · `stale`: the last known board, which is being read
   * again · `failed`: the server refuses to show the board, or the client is closed. A board that does not exist yet
   * becomes live by itself once it is made.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The top entries of the window's open season, best first. */
  readonly entries: readonly Entry[];
  /** How many entries the whole season has. */
  readonly total: number;
  /** The caller's own entry; null if there is none, or if the view does not ask for it. */
  readonly me: Entry | null;
  /** The season that is shown, such as `2026-W48`; null while loading. */
  readonly season: string | null;
  /** When that season ends by the calendar, ISO 8601; null if it has no end. */
  readonly seasonEndsAt: string | null;
  /**
   * The last season that ended while this view was live, with its final standings; null if none did. A view that is
   * read once a second (see `LiveLeaderboard`) learns of no end.
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
