import { expect } from "vitest";

/** Expects what `read` gives to become so, within what a busy machine may need. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000, interval: 50 });
}
