import { type ReactNode, useRef } from "react";
import { useLeftOut } from "./useLeftOut.js";

/** Some neighbours of a long list with the role `list`. They are in the page only near the window. */
export function RowGroup({ children }: { children: ReactNode }) {
  const group = useRef<HTMLDivElement>(null);
  const leftOutPx = useLeftOut(group);
  return (
    <div ref={group} className="row-group" style={leftOutPx === null ? undefined : { blockSize: leftOutPx }}>
      {leftOutPx === null && children}
    </div>
  );
}
