import { setTimeout } from "node:timers/promises";

/**
 * Asks again and again until the answer is yes. An error counts as no, until the time is up.
 * @throws when it stays no for `timeoutMs`.
 */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  { timeoutMs = 15_000, everyMs = 25 } = {},
): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < endsAt) {
    try {
      if (await isSo()) return;
    } catch (error) {
      cause = error;
    }
    await setTimeout(everyMs);
  }
  throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`, { cause });
}
