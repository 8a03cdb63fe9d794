import { useState } from "react";

/** By how many places a row last climbed; 0 when it fell or hasn't moved. */
export function useClimb(rank: number): number {
  const [seen, setSeen] = useState({ rank, climb: 0 });
  if (seen.rank !== rank) setSeen({ rank, climb: Math.max(0, seen.rank - rank) });
  return seen.climb;
}
