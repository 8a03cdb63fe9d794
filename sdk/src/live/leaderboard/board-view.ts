import type { LeaderboardView } from "@grandstand/shared/events/leaderboard";

/**
 * Which part of a board to follow.
 */
export interface BoardView {
  /** The recurring period to show, such as `weekly`. By default, the first window of the board. */
  window?: LeaderboardView["window"];
  /** Shows only the entries with this value of a metadata field. */
  where?: LeaderboardView["where"];
  /** How many of the top entries to show. 10 by default. */
  top?: LeaderboardView["top"] | undefined;
  /** Whether to show the entry of the client's own user too. False by default. */
  me?: boolean | undefined;
}

/**
 * A `BoardView` with its defaults filled in. `window` may be undefined, because only the server knows the board's first
 * window.
 */
export interface WholeBoardView {
  readonly window: string | undefined;
  readonly where: LeaderboardView["where"];
  readonly top: NonNullable<BoardView["top"]>;
  readonly me: boolean;
}

export function wholeView({ window, where, top = 10, me = false }: BoardView = {}): WholeBoardView {
  return { window, where, top, me };
}
