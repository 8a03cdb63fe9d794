import { useCallback, useEffect, useRef, useState } from "react";

/** Who pauses for so long writes no more, whatever stands in the field. */
const PAUSE_MS = 4_000;

/** Whether one writes. @returns that, and what is told at each change of the text whether anything stands there */
export function useWriting(): [isWriting: boolean, tellWriting: (hasText: boolean) => void] {
  const [isWriting, setWriting] = useState(false);
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);

  const tellWriting = useCallback((hasText: boolean) => {
    clearTimeout(pause.current);
    if (hasText) pause.current = setTimeout(() => setWriting(false), PAUSE_MS);
    setWriting(hasText);
  }, []);
  return [isWriting, tellWriting];
}
