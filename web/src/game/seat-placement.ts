import type { CSSProperties } from "react";
import { columnCount, type Seat } from "./rules.js";

/** The place of a seat in the stand's grid. Rows curve up towards both ends, by the square of the distance from the middle. */
export function seatPlacement({ row, column }: Seat): CSSProperties {
  const fromMiddle = column - (columnCount - 1) / 2;
  return { gridRow: row + 1, gridColumn: column + 1, "--rise": fromMiddle ** 2 } as CSSProperties;
}
