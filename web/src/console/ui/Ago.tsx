import { useEffect, useState } from "react";
import { ago, atTime } from "./format.js";

/** How long ago a time was, in words that are kept up to date. The exact time is the title. */
export function Ago({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={atTime(at)}>
      {ago(at, now)}
    </time>
  );
}
