import { type RefObject, useEffect, useState } from "react";

/** Rows up to this distance from the visible area stay in the DOM. */
const NEAR = "1200px";

/**
 * Decides whether to leave a group of rows out of the DOM, because they are far from the visible area.
 * @param part the element that contains the rows
 * @returns the height to reserve in place of the rows; null to show the rows
 */
export function useLeftOut(part: RefObject<HTMLElement | null>): number | null {
  const [leftOutPx, setLeftOutPx] = useState<number | null>(null);
  useEffect(() => {
    const element = part.current!;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry!.isIntersecting) setLeftOutPx(null);
        // Rows that contain the focus stay, because the focus would get lost with them.
        else if (!element.contains(document.activeElement)) setLeftOutPx(element.offsetHeight);
      },
      { root: element.closest("[data-scrolls]"), rootMargin: NEAR },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [part]);
  return leftOutPx;
}
