import { type ReactNode, useRef } from "react";
import { useLeftOut } from "./useLeftOut.js";

/** Consecutive items of a long list. They are rendered only near the visible part, or while one item has the focus. */
export function RowGroup({ children }: { children: ReactNode }) {
  const group = useRef<HTMLDivElement>(null);
  const leftOutPx = useLeftOut(group);
  return (
    <div ref={group} className="row-group" style={leftOutPx === null ? undefined : { blockSize: leftOutPx }}>
      {leftOutPx === null && children}
    </div>
  );
}
