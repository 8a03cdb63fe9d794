import { useCallback, useEffect, useRef, useState } from "react";

/** A user who pauses for this long no longer counts as writing, even if the text field is not empty. */
const PAUSE_MS = 4_000;

/** @returns whether the user is writing, and a function to call at each change of the text field */
export function useWriting(): [isWriting: boolean, onTextChange: (hasText: boolean) => void] {
  const [isWriting, setWriting] = useState(false);
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);

  const onTextChange = useCallback((hasText: boolean) => {
    clearTimeout(pause.current);
    if (hasText) pause.current = setTimeout(() => setWriting(false), PAUSE_MS);
    setWriting(hasText);
  }, []);
  return [isWriting, onTextChange];
}
