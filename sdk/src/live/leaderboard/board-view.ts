import type { LeaderboardView } from "@grandstand/shared/events/leaderboard";

/**
 * What part of a board to watch: the window (the board's first when not given), only the entries with a value of a
 * metadata field, how many of the top entries, and whether the caller's own entry too.
 */
export interface BoardView {
  window?: LeaderboardView["window"];
  where?: LeaderboardView["where"];
  top?: LeaderboardView["top"] | undefined;
  me?: boolean | undefined;
}

/** The same with defaults. `window` may stay undefined, because only the server knows the first window. */
export interface WholeBoardView {
  readonly window: string | undefined;
  readonly where: LeaderboardView["where"];
  readonly top: NonNullable<BoardView["top"]>;
  readonly me: boolean;
}

export function wholeView({ window, where, top = 10, me = false }: BoardView = {}): WholeBoardView {
  return { window, where, top, me };
}
