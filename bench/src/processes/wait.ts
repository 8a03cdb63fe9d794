import { setTimeout } from "node:timers/promises";

/**
 * Polls `condition` until it is true. An error of `condition` counts as false.
 * @throws if it is still false after `timeoutMs`.
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  { timeoutMs = 15_000, everyMs = 25 } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    await setTimeout(everyMs);
  }
  throw new Error(`Timed out after ${timeoutMs} ms waiting until ${what}`, { cause });
}
