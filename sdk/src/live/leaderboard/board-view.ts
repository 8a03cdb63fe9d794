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

/** Names the ranking that a view is of: its window and its `where`. */
export function rankingOf({ window, where }: WholeBoardView): string {
  return JSON.stringify([window, where]);
}

/** The narrowest view that shows what each of `views`, all of one ranking, shows; null for none. */
export function widestView(views: readonly WholeBoardView[]): WholeBoardView | null {
  const [first, ...rest] = views;
  if (!first) return null;
  return rest.reduce((widest, view) => {
    const longer = view.top > widest.top ? view : widest;
    return { ...longer, me: widest.me || view.me };
  }, first);
}

/** Whether `wide` shows all that `narrow`, of the same ranking, does. */
export function covers(wide: WholeBoardView, narrow: WholeBoardView): boolean {
  return wide.top >= narrow.top && (wide.me || !narrow.me);
}
