import type { OutputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { errorOf } from "./problem.js";

/** With its token, since no cookie was asked for. */
export type GuestSession = OutputOf<"session.create"> & { token: string };

const TIMEOUT_MS = 10_000;

/**
 * Begins a session without credentials, where the server lets guests in.
 * @throws {GrandstandError} `forbidden` where it does not, `bad_request` for a name that it refuses.
 */
export async function createGuestSession(options: { url?: string; name: string }): Promise<GuestSession> {
  const url = `${(options.url ?? "").replace(/\/$/, "")}/v1/sessions`;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ name: options.name }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as GuestSession;
  } catch (cause) {
    if (cause instanceof GrandstandError) throw cause;
    throw new GrandstandError("unavailable", "The server can't be reached", { cause });
  }
}
