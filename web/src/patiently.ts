import { GrandstandError } from "@grandstand/sdk";

const RETRY_MS = 500;
const RETRIES = 40;

/**
 * Repeats a call while the server can't carry it out, such as during an outage. A write needs an idempotency
 * key.
 */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      const isTransient = error instanceof GrandstandError && error.code === "unavailable";
      if (!isTransient || failures === RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
