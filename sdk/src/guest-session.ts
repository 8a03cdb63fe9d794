import type { OutputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { checkGuestOptions, resolveAddress } from "./options.js";

/**
 * A new session with its token. The SDK does not ask for a cookie, so the server always returns the token.
 */
export type GuestSession = OutputOf<"session.create"> & { token: string };

const TIMEOUT_MS = 10_000;

/**
 * Creates a guest session, which needs no credentials.
 * @throws {GrandstandError} `forbidden` if the server accepts no guests, `bad_request` if it refuses the name,
 * `unavailable` if it does not answer within ten seconds.
 */
export async function createGuestSession(options: { url?: string; name: string }): Promise<GuestSession> {
  checkGuestOptions(options);
  const { origin, prefix } = resolveAddress(options.url ?? "");
  const url = `${origin}${prefix}/v1/sessions`;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ name: options.name }),
      signal: controller.signal,
    });
    if (!response.ok) {
      const { errorOf } = await import("./problem.js");
      throw await errorOf(response);
    }
    return (await response.json()) as GuestSession;
  } catch (cause) {
    if (cause instanceof GrandstandError) throw cause;
    throw new GrandstandError("unavailable", `${origin} can't be reached`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
