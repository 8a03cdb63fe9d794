import type { ChatRoom } from "@grandstand/sdk/react";
import { useEffect } from "react";

const RETRY_MS = 1_000;

/** Retries the user's messages that failed with `unavailable`. The room never gets a message twice. */
export function useResend({ messages, retry }: ChatRoom): void {
  const waiting = messages
    .filter(({ state, error }) => state === "failed" && error?.code === "unavailable")
    .map(({ key }) => key)
    .join("\n");
  useEffect(() => {
    if (waiting === "") return;
    const timer = setTimeout(() => waiting.split("\n").forEach(retry), RETRY_MS);
    return () => clearTimeout(timer);
  }, [waiting, retry]);
}
