import type { ReactNode } from "react";
import { moveByArrow } from "./arrow-keys.js";
import { inGroupsOf } from "./group.js";
import { RowGroup } from "./RowGroup.js";

interface RowListProps<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  /** Whether more items can be read. If so, the length of the whole list is not known. */
  hasMore: boolean;
  row: (item: T) => ReactNode;
}

const ROWS_PER_GROUP = 50;

/**
 * A list of any length. A group of rows is in the DOM only while it is near the visible part or has the focus. The arrow keys
 * move from row to row.
 */
export function RowList<T>({ items, idOf, hasMore, row }: RowListProps<T>) {
  if (items.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: the rows are in groups, and an li must be a child of its list
    <div role="list" className="rows" onKeyDown={moveByArrow}>
      {inGroupsOf(ROWS_PER_GROUP, items).map((group, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group has no id besides its place in the list
        <RowGroup key={number}>
          {group.map((item, at) => (
            // biome-ignore lint/a11y/useSemanticElements: an li needs an ul around it
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
