import type { LiveCounterState } from "@grandstand/sdk";
import { useClient, useCounter } from "@grandstand/sdk/react";
import { useEffect } from "react";
import { visitorCounter } from "./cheers.js";

/** Counts this guest as a visitor (once, however often the page is opened) and returns the live count. */
export function useVisitorCounter(): LiveCounterState {
  const client = useClient();
  useEffect(() => {
    // Without this counter on the server the call fails, and the page shows no visitor count.
    client
      .counter(visitorCounter)
      .visit()
      .catch(() => {});
  }, [client]);
  return useCounter(visitorCounter);
}
