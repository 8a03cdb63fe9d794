import { vi } from "vitest";

/** Polls until `check` neither throws nor rejects. The timeout is generous, for busy machines. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 25_000, interval: 20 });
}
