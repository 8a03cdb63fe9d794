import { useEffect, useState } from "react";
import { formatTimeLeft } from "./time-left.js";

/** How long the season goes on. @param endsAt ISO 8601; null for one that has no end */
export function TimeLeft({ endsAt }: { endsAt: string | null }): string {
  const now = useNow();
  return endsAt === null ? "Never ends" : `Ends in ${formatTimeLeft(Date.parse(endsAt) - now)}`;
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
