import { type RefObject, useEffect, useRef } from "react";

const FLASH_MS = 900;

/**
 * Lets an element light up when its value changes. A script's animation and not a style sheet's: those
 * start anew in every row that React moves, whether its value changed or not.
 */
export function useFlash<T extends HTMLElement>(value: number): RefObject<T | null> {
  const element = useRef<T>(null);
  const shown = useRef(value);
  useEffect(() => {
    if (shown.current === value) return;
    shown.current = value;
    element.current?.animate([{ backgroundColor: "var(--flash)" }, {}], {
      duration: FLASH_MS,
      easing: "ease-out",
    });
  }, [value]);
  return element;
}
