import { useEffect, useRef, useState } from "react";
import "./climb.css";

const SHOWN_MS = 4_000;

/** Shows for a few seconds how many places a row has climbed. This also works with reduced motion. */
export function Climb({ places }: { places: number }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    element.current?.animate([{ opacity: 1 }, { opacity: 1, offset: 0.85 }, { opacity: 0 }], {
      duration: SHOWN_MS,
      fill: "forwards",
    });
  }, []);
  return (
    <span ref={element} className="climb figures" aria-hidden="true">
      ▲ {places}
    </span>
  );
}

/** How many places a row climbed at its last change of rank; 0 if it fell or has not moved. */
export function useClimb(rank: number): number {
  const [seen, setSeen] = useState({ rank, climb: 0 });
  if (seen.rank !== rank) setSeen({ rank, climb: Math.max(0, seen.rank - rank) });
  return seen.climb;
}
