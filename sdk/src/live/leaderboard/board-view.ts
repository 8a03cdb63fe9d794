import type { LeaderboardView } from "@grandstand/shared/events/leaderboard";

/**
 * What part of a board to watch: the window (the board's first when not given), how many of its top entries, and
 * whether the caller's own entry too.
 */
export interface BoardView {
  window?: LeaderboardView["window"];
  top?: LeaderboardView["top"] | undefined;
  me?: boolean | undefined;
}

/** The same with its defaults filled in; which window comes first only the server knows. */
export interface WholeBoardView {
  readonly window: string | undefined;
  readonly top: NonNullable<BoardView["top"]>;
  readonly me: boolean;
}

export function wholeView({ window, top = 10, me = false }: BoardView = {}): WholeBoardView {
  return { window, top, me };
}

/** The narrowest view that shows what each of `views`, all of one window, shows; null for none. */
export function widestView(views: readonly WholeBoardView[]): WholeBoardView | null {
  const [first, ...rest] = views;
  if (!first) return null;
  return rest.reduce((widest, view) => {
    const longer = view.top > widest.top ? view : widest;
    return { ...longer, me: widest.me || view.me };
  }, first);
}

/** Whether `wide` shows all that `narrow`, of the same window, does. */
export function covers(wide: WholeBoardView, narrow: WholeBoardView): boolean {
  return wide.top >= narrow.top && (wide.me || !narrow.me);
}
