import type { CSSProperties } from "react";
import { columnCount, type Seat } from "./rules.js";

/** Where a seat lies in the stand's grid. The rows rise towards the ends, by the square of the distance. */
export function seatPlacement({ row, column }: Seat): CSSProperties {
  const fromMiddle = column - (columnCount - 1) / 2;
  return { gridRow: row + 1, gridColumn: column + 1, "--rise": fromMiddle ** 2 } as CSSProperties;
}
