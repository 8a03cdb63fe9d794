import { useEffect, useState } from "react";
import { codeOf, usLabelOf } from "./keys.js";
import { seatCount } from "./rules.js";

/** Chromium's Keyboard Map API, which TypeScript's DOM library leaves out. */
interface NavigatorWithKeyboard {
  keyboard?: { getLayoutMap?: () => Promise<ReadonlyMap<string, string>> };
}

const seats = Array.from({ length: seatCount }, (_, seat) => seat);

/** The label of each seat's key; the labels of a US keyboard if the browser does not expose the user's layout. */
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
      // Some iframes may not read the layout; the US labels then stay.
      .catch(() => {});
    return () => {
      isMounted = false;
    };
  }, []);

  return labels;
}
