import type { ReactNode } from "react";
import { moveByArrow } from "./arrow-keys.js";
import { inGroupsOf } from "./group.js";
import { RowGroup } from "./RowGroup.js";

interface RowListProps<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  /** Whether further items can be read. The length of the whole list is then not known. */
  hasMore: boolean;
  row: (item: T) => ReactNode;
}

const ROWS_PER_GROUP = 50;

/** A list of any length. Only the rows near the window or with the focus are in the page. The arrow keys move between them. */
export function RowList<T>({ items, idOf, hasMore, row }: RowListProps<T>) {
  if (items.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: an ul can't hold its items in groups
    <div role="list" className="rows" onKeyDown={moveByArrow}>
      {inGroupsOf(ROWS_PER_GROUP, items).map((group, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is a place in the list
        <RowGroup key={number}>
          {group.map((item, at) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div
              key={idOf(item)}
              role="listitem"
              aria-setsize={hasMore ? -1 : items.length}
              aria-posinset={number * ROWS_PER_GROUP + at + 1}
            >
              {row(item)}
            </div>
          ))}
        </RowGroup>
      ))}
    </div>
  );
}
