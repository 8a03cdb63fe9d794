import { useCallback, useEffect, useState } from "react";

/** The level is multiplied by DECAY once per interval. */
const DECAY_EVERY_MS = 100;
const DECAY = 0.88;
/** A level below this becomes 0. */
const QUIET = 0.2;

/** The noise level, which decays within seconds. @returns the level, and a function that raises it */
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
