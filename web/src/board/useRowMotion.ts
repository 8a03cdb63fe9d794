import { type RefObject, useLayoutEffect, useRef } from "react";
import { motionsOf, type Places } from "./row-motion.js";

const timing = { duration: 420, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" };

/**
 * Animates the rows of a list from their old places to their new ones (FLIP technique). A row that is still
 * moving continues from where it is. `data-member` identifies a row.
 */
export function useRowMotion(list: RefObject<HTMLElement | null>, content: unknown): void {
  const places = useRef<Places>(new Map());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows move when the content changes.
  useLayoutEffect(() => {
    const rows = new Map<string, HTMLElement>();
    for (const row of list.current?.querySelectorAll<HTMLElement>("[data-member]") ?? []) {
      rows.set(row.dataset.member as string, row);
    }
    const before = places.current;
    places.current = new Map([...rows].map(([member, row]) => [member, row.offsetTop]));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const motion of motionsOf(before, places.current)) {
      const row = rows.get(motion.member) as HTMLElement;
      if (motion.kind === "appear") appear(row);
      else move(row, motion.distancePx);
    }
  }, [list, content]);
}

function move(row: HTMLElement, distancePx: number): void {
  const startPx = distancePx + new DOMMatrixReadOnly(getComputedStyle(row).transform).m42;
  for (const animation of row.getAnimations()) animation.cancel();
  // When two rows cross, the climbing row covers the falling row.
  const zIndex = distancePx > 0 ? "2" : "1";
  row.animate(
    [
      { transform: `translateY(${startPx}px)`, zIndex },
      { transform: "none", zIndex },
    ],
    timing,
  );
}

function appear(row: HTMLElement): void {
  row.animate(
    [
      { opacity: 0, transform: "translateY(0.75rem)" },
      { opacity: 1, transform: "none" },
    ],
    timing,
  );
}
