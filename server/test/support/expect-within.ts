import { expect } from "vitest";

/** A busy machine may add this much to any time. */
const BUSY_MS = 5_000;

/**
 * Expects that something that began at `startedAt`, in ms of the monotonic clock, took at most `limitMs` plus
 * `BUSY_MS`, the tolerance for a busy machine. Use this function only if the tested code, when broken, takes
 * longer than `limitMs` plus `BUSY_MS`, or never ends.
 */
export function expectWithin(limitMs: number, startedAt: number): void {
  expect(performance.now() - startedAt).toBeLessThan(limitMs + BUSY_MS);
}
