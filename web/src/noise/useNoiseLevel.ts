import { useCallback, useEffect, useState } from "react";

/** How often the noise dies down by its share. */
const DECAY_EVERY_MS = 100;
const DECAY = 0.88;
/** Below this it is quiet. */
const QUIET = 0.2;

/** How loud it is: rises with each cheer, and dies down within seconds. @returns the level, and what makes noise. */
export function useNoiseLevel(): [level: number, makeNoise: (cheers: number) => void] {
  const [level, setLevel] = useState(0);
  const isQuiet = level === 0;

  useEffect(() => {
    if (isQuiet) return;
    const fall = (before: number) => (before * DECAY < QUIET ? 0 : before * DECAY);
    const timer = setInterval(() => setLevel(fall), DECAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [isQuiet]);

  const makeNoise = useCallback((cheers: number) => setLevel((before) => before + cheers), []);
  return [level, makeNoise];
}
