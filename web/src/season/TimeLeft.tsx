import { useEffect, useState } from "react";
import { formatTimeLeft } from "./time-left.js";

/** The time left in a season. @param endsAt ISO 8601 */
export function TimeLeft({ endsAt }: { endsAt: string }): string {
  const now = useNow();
  return `Ends in ${formatTimeLeft(Date.parse(endsAt) - now)}`;
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
