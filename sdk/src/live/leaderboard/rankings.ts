import type { WholeBoardView } from "./board-view.js";

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
