import { GrandstandError } from "@grandstand/sdk";

const MIN_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
const RETRIES = 40;

/**
 * Repeats a call while an outage or a limit refuses it, at most 40 times. A write needs an idempotency key, or must be one
 * whose repeat has no effect.
 * @param signal once the signal is aborted, no further attempt follows, and the last error is thrown
 */
export async function patiently<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      const isTransient =
        error instanceof GrandstandError && (error.code === "unavailable" || error.code === "rate_limited");
      if (!isTransient || failures === RETRIES || signal?.aborted) throw error;
      await waitFor(Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, error.retryAfterMs ?? 0)), signal);
      if (signal?.aborted) throw error;
    }
  }
}

function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
