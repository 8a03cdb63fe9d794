import { expect } from "vitest";

/** Polls `read` until the expectation on its result holds. The timeout allows for a busy machine. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000, interval: 50 });
}
