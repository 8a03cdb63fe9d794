import type { LeaderboardView } from "@grandstand/shared/events/leaderboard";

/** What part of a board to watch: how many of the top entries, and whether the caller's own entry too. */
export interface BoardView {
  top?: LeaderboardView["top"] | undefined;
  me?: boolean | undefined;
}
/** The same with its defaults filled in. */
export type WholeBoardView = { readonly [K in keyof BoardView]-?: NonNullable<BoardView[K]> };

export function wholeView({ top = 10, me = false }: BoardView = {}): WholeBoardView {
  return { top, me };
}

/** The narrowest view that shows what each of `views` shows; null for none. */
export function widestView(views: readonly WholeBoardView[]): WholeBoardView | null {
  const [first, ...rest] = views;
  if (!first) return null;
  return rest.reduce((widest, view) => {
    const longer = view.top > widest.top ? view : widest;
    return { top: longer.top, me: widest.me || view.me };
  }, first);
}

export function covers(wide: WholeBoardView, narrow: WholeBoardView): boolean {
  return wide.top >= narrow.top && (wide.me || !narrow.me);
}
