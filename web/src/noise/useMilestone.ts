import { useEffect, useState } from "react";

const SHOWN_MS = 6_000;

/** Shows the text of a milestone for some seconds. @returns the current text, and a function that shows another text. */
export function useMilestone(): [text: string | null, show: (text: string) => void] {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    if (text === null) return;
    const timer = setTimeout(() => setText(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
