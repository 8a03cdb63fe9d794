import { expect } from "vitest";

/** A busy machine may add this much to any time. */
const BUSY_MS = 5_000;

/**
 * Expects that something that began at `startedAt`, in ms of the monotonic clock, took at most `limitMs` plus
 * `BUSY_MS`, the tolerance for a busy machine. Use it only if a broken mechanism would take longer than both times
 * together, or never end.
 */
export function expectWithin(limitMs: number, startedAt: number): void {
  expect(performance.now() - startedAt).toBeLessThan(limitMs + BUSY_MS);
}
