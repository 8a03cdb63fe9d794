import { setTimeout } from "node:timers/promises";

/** How long to wait before a failed attempt is repeated. */
export const RETRY_MS = 500;

/** Waits before the next attempt. The timer does not keep the process alive. */
export function retryDelay(): Promise<void> {
  return setTimeout(RETRY_MS, undefined, { ref: false });
}

/** Repeats an attempt until it succeeds or is cancelled. Never rejects. */
export async function retry(
  attempt: () => Promise<void>,
  { isCancelled, onError }: { isCancelled(): boolean; onError(error: unknown): void },
): Promise<void> {
  while (!isCancelled()) {
    try {
      await attempt();
      return;
    } catch (error) {
      onError(error);
      await retryDelay();
    }
  }
}
