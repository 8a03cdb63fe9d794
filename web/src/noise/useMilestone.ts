import { useEffect, useState } from "react";

const SHOWN_MS = 6_000;

/** A round number that the crowd has just come to, for some seconds. @returns its words, and what shows others. */
export function useMilestone(): [words: string | null, show: (words: string) => void] {
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    if (words === null) return;
    const timer = setTimeout(() => setWords(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return [words, setWords];
}
