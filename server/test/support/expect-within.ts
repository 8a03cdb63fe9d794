import { expect } from "vitest";

/** A busy machine may add this much to any time. */
const BUSY_MS = 5_000;

/**
 * Expects that something that began at `startedAt`, in ms of the monotonic clock, took at most `limitMs` plus
 * `BUSY_MS`, the tolerance for a busy machine. Only for mechanisms that take longer than that, or never end, if they
 * are broken.
 */
export function expectWithin(limitMs: number, startedAt: number): void {
  expect(performance.now() - startedAt).toBeLessThan(limitMs + BUSY_MS);
}
