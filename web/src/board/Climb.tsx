import { useEffect, useRef } from "react";
import "./climb.css";

const SHOWN_MS = 4_000;

/** Shows for a few seconds how many places a row has climbed, so that reduced motion hides no change. */
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
