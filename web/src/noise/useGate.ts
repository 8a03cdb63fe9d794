import type { LiveCounterState } from "@grandstand/sdk";
import { useClient, useCounter } from "@grandstand/sdk/react";
import { useEffect } from "react";
import { gateCounter } from "./cheers.js";

/** Counts this guest as one who came; how often the page is opened makes no difference. */
export function useGate(): LiveCounterState {
  const client = useClient();
  useEffect(() => {
    // A server without this counter has no gate to count at, and the page can do without.
    client
      .counter(gateCounter)
      .visit()
      .catch(() => {});
  }, [client]);
  return useCounter(gateCounter);
}
