import { type RefObject, useLayoutEffect, useRef } from "react";

const moveMs = 420;
const easing = "cubic-bezier(0.2, 0.8, 0.2, 1)";

/**
 * Moves the rows of a list from where they were seen to where they now belong (FLIP: the browser lays the
 * new order out at once, and each row is shown from its old place to its new one). A row that is still on
 * its way sets out from where it is. Rows are told apart by `data-member`.
 */
export function useRowMotion(list: RefObject<HTMLElement | null>, content: unknown): void {
  const places = useRef(new Map<string, number>());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the content is what moves the rows.
  useLayoutEffect(() => {
    const before = places.current;
    const after = new Map<string, number>();
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const row of list.current?.querySelectorAll<HTMLElement>("[data-member]") ?? []) {
      const member = row.dataset.member as string;
      after.set(member, row.offsetTop);
      // The first rows of all are simply there.
      if (isStill || before.size === 0) continue;
      const from = before.get(member);
      if (from === undefined) appear(row);
      else move(row, from - row.offsetTop);
    }
    places.current = after;
  }, [list, content]);
}

function move(row: HTMLElement, distance: number): void {
  if (distance === 0) return;
  const start = distance + new DOMMatrixReadOnly(getComputedStyle(row).transform).m42;
  for (const animation of row.getAnimations()) animation.cancel();
  // Whoever climbs passes in front of those who fall.
  const zIndex = distance > 0 ? "2" : "1";
  row.animate(
    [
      { transform: `translateY(${start}px)`, zIndex },
      { transform: "none", zIndex },
    ],
    { duration: moveMs, easing },
  );
}

function appear(row: HTMLElement): void {
  row.animate(
    [
      { opacity: 0, transform: "translateY(0.75rem)" },
      { opacity: 1, transform: "none" },
    ],
    { duration: moveMs, easing },
  );
}
