import { useEffect, useState } from "react";
import { ago, atTime } from "./format.js";

/** A time in words, which go on. The exact time is its title. */
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
