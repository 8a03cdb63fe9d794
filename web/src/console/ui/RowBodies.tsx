import { type ReactNode, useRef } from "react";
import { moveByArrow } from "./arrow-keys.js";
import { inGroupsOf } from "./group.js";
import { useLeftOut } from "./useLeftOut.js";

interface RowBodiesProps<T> {
  items: readonly T[];
  /** @param rowIndex the number of the row in the table, the head included */
  row: (item: T, rowIndex: number) => ReactNode;
  /** How many rows of the table come before `items`, the head included. */
  rowsBefore: number;
}

const ROWS_PER_BODY = 50;

/**
 * The rows of a table of any length. Only rows near the visible part of the page, or with the focus, are in the DOM. The
 * arrow keys move between rows.
 */
export function RowBodies<T>({ items, row, rowsBefore }: RowBodiesProps<T>) {
  return inGroupsOf(ROWS_PER_BODY, items).map((part, number) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the n-th body always has the n-th group of rows
    <Body key={number}>
      {part.map((item, at) => row(item, rowsBefore + number * ROWS_PER_BODY + at + 1))}
    </Body>
  ));
}

function Body({ children }: { children: ReactNode }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const leftOutPx = useLeftOut(body);
  return (
    <tbody ref={body} onKeyDown={moveByArrow}>
      {leftOutPx === null ? (
        children
      ) : (
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without a tabindex takes no focus
        <tr className="gap" aria-hidden="true" style={{ blockSize: leftOutPx }} />
      )}
    </tbody>
  );
}
