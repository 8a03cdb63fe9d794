import type { WholeBoardView } from "./board-view.js";

/** Names the ranking that a view shows, by its window and its `where`, such as `["daily",null]`. */
export function rankingOf({ window, where }: WholeBoardView): string {
  return JSON.stringify([window, where]);
}

/** The smallest view that shows everything that `views` show; null if there are none. All must have the same ranking. */
export function widestView(views: readonly WholeBoardView[]): WholeBoardView | null {
  const [first, ...rest] = views;
  if (!first) return null;
  return rest.reduce((widest, view) => {
    const longer = view.top > widest.top ? view : widest;
    return { ...longer, me: widest.me || view.me };
  }, first);
}

/** Whether `wide` shows everything that `narrow` shows. Both must have the same ranking. */
export function covers(wide: WholeBoardView, narrow: WholeBoardView): boolean {
  return wide.top >= narrow.top && (wide.me || !narrow.me);
}
