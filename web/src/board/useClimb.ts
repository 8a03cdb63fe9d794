import { useState } from "react";

/** How many places a row climbed at its last change of rank; 0 if it fell or has not moved. */
export function useClimb(rank: number): number {
  const [seen, setSeen] = useState({ rank, climb: 0 });
  if (seen.rank !== rank) setSeen({ rank, climb: Math.max(0, seen.rank - rank) });
  return seen.climb;
}
