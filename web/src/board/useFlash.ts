import { type RefObject, useEffect, useRef } from "react";

const FLASH_MS = 900;

/**
 * Highlights an element when its value changes. This is a script animation because a CSS animation would
 * restart in every row that React moves, even if the row's value is the same.
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
