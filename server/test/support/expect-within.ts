import { expect } from "vitest";

/** A busy machine may add this much to any time. */
const BUSY_MS = 5_000;

/**
 * Expects that something that began at `startedAt`, in ms of the monotonic clock, took no longer than `limitMs`, and what
 * a busy machine may add. A mechanism that is broken takes longer than both, or never ends.
 */
export function expectWithin(limitMs: number, startedAt: number): void {
  expect(performance.now() - startedAt).toBeLessThan(limitMs + BUSY_MS);
}
