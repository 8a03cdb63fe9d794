import { setTimeout } from "node:timers/promises";

const LIMIT_MS = 20_000;

/** Polls until `check` does not reject, for 20 seconds at most. Unlike `expect.poll`, it also works outside of tests. */
export async function poll<T>(check: () => T | Promise<T>, intervalMs = 20): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() - startedAt > LIMIT_MS) throw error;
    }
    await setTimeout(intervalMs);
  }
}
