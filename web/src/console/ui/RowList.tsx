import type { ReactNode } from "react";
import { moveByArrow } from "./arrow-keys.js";

interface RowListProps<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  /** Whether further items can be read: their number is not known. */
  hasMore: boolean;
  row: (item: T) => ReactNode;
}

/** A list of any length. The arrow keys move between its rows. */
export function RowList<T>({ items, idOf, hasMore, row }: RowListProps<T>) {
  return (
    <ul className="rows" onKeyDown={moveByArrow}>
      {items.map((item, at) => (
        <li key={idOf(item)} aria-setsize={hasMore ? -1 : items.length} aria-posinset={at + 1}>
          {row(item)}
        </li>
      ))}
    </ul>
  );
}
