import { useEffect, useState } from "react";
import { codeOf, usLabelOf } from "./keys.js";
import { seatCount } from "./rules.js";

/** Chromium's Keyboard Map API, which TypeScript's DOM library leaves out. */
interface NavigatorWithKeyboard {
  keyboard?: { getLayoutMap?: () => Promise<ReadonlyMap<string, string>> };
}

const seats = Array.from({ length: seatCount }, (_, seat) => seat);

/** What is printed on each seat's key; where the browser doesn't tell its layout, the US one. */
export function useKeyLabels(): readonly string[] {
  const [labels, setLabels] = useState<readonly string[]>(() => seats.map(usLabelOf));

  useEffect(() => {
    let isMounted = true;
    (navigator as NavigatorWithKeyboard).keyboard
      ?.getLayoutMap?.()
      .then((layout) => {
        if (!isMounted) return;
        setLabels(seats.map((seat) => layout.get(codeOf(seat))?.toUpperCase() ?? usLabelOf(seat)));
      })
      // Refused in some embeddings; the labels then stay as they are.
      .catch(() => {});
    return () => {
      isMounted = false;
    };
  }, []);

  return labels;
}
