import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import { Backoff } from "./backoff.js";
import type { DebugLogger } from "./options.js";
import type { TokenSource } from "./token-source.js";
import type { Transport } from "./transport.js";

/** The connection whose token expires. */
export interface RefreshContext {
  transport: Transport;
  tokens: TokenSource;
  /** Whether the connection still uses this transport. */
  isCurrent: () => boolean;
  log: DebugLogger;
}

/**
 * Replaces the token of a live connection. The server warns some time before the token expires, so there is time
 * to repeat a failed attempt.
 * @returns `otherUser` if the new token belongs to another user, `gaveUp` if the app has no other token or
 * the connection ended
 */
export async function refreshToken(context: RefreshContext): Promise<"refreshed" | "otherUser" | "gaveUp"> {
  const { tokens, isCurrent, log } = context;
  const waits = new Backoff();
  while (isCurrent() && tokens.canGiveAnother) {
    const error = await tryOnce(context);
    if (error === null) return "refreshed";
    if (error.code === "forbidden") return "otherUser";
    log("the token was not refreshed", { error: error.message });
    await new Promise((resolve) => setTimeout(resolve, waits.nextMs()));
  }
  return "gaveUp";
}

/** @returns why the refresh failed; null if it succeeded */
async function tryOnce(context: RefreshContext): Promise<GrandstandError | null> {
  const { transport, tokens, isCurrent } = context;
  let token: string;
  try {
    token = await tokens.renew();
  } catch (cause) {
    return new GrandstandError("unavailable", "The token function failed", { cause });
  }
  if (!isCurrent()) return new GrandstandError("unavailable", "The connection was lost");
  const ack = await new Promise<Ack>((resolve) => {
    transport.send("auth.refresh", JSON.stringify({ token }), resolve);
  });
  if (!ack.ok) {
    if (ack.error.code === "unauthenticated") tokens.refused();
    return GrandstandError.fromWire(ack.error);
  }
  const { expiresAt } = ack.data as { expiresAt: string | null };
  tokens.accepted(expiresAt === null ? {} : { expiresAt });
  return null;
}
