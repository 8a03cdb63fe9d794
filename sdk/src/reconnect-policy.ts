import { type CloseReason, closeCodes, mayReconnect } from "@grandstand/shared/close-codes";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";
import type { TokenSource } from "./token-source.js";
import type { Ending } from "./transport.js";

/** What a client does after a transport has ended. */
export type Reaction =
  | { kind: "close"; error: GrandstandError; reason: CloseReason | null }
  | {
      kind: "retry";
      error: GrandstandError;
      reason: CloseReason | null;
      /** Undefined for the usual backoff. */
      delayMs?: number | undefined;
      isTooLarge?: boolean | undefined;
    };

/**
 * If a draining node does not say when to reconnect, its clients reconnect at random moments within this time, so that
 * they don't all come at once.
 */
const DRAIN_SPREAD_MS = 2_000;

const errorCodes: Partial<Record<CloseReason, ErrorCode>> = {
  badFrames: "bad_request",
  revoked: "unauthenticated",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
  abuse: "rate_limited",
};

/**
 * Decides whether and when a client reconnects. Tells `tokens` if the server refused the token or the token expired.
 */
export function reactionTo(ending: Ending, tokens: TokenSource): Reaction {
  switch (ending.kind) {
    case "lost":
      return { kind: "retry", error: ending.error, reason: null, isTooLarge: ending.isTooLarge };
    case "refused":
      return reactionToRefusal(ending.error, tokens);
    case "closed":
      return reactionToClosing(ending, tokens);
  }
}

function reactionToRefusal(error: GrandstandError, tokens: TokenSource): Reaction {
  if (error.code === "forbidden") return { kind: "close", error, reason: "forbidden" };
  // The server refuses a malformed token, such as one that is too long, with `bad_request`.
  const isTokenRefused = error.code === "unauthenticated" || error.code === "bad_request";
  if (!isTokenRefused) return { kind: "retry", error, reason: null };
  const delayMs = tokens.refused();
  const reason = error.code === "unauthenticated" ? "unauthenticated" : null;
  return tokens.canGiveAnother ? { kind: "retry", error, reason, delayMs } : { kind: "close", error, reason };
}

function reactionToClosing(
  { code, reason: text, reconnectAfterMs }: Extract<Ending, { kind: "closed" }>,
  tokens: TokenSource,
): Reaction {
  const names = Object.keys(closeCodes) as CloseReason[];
  const reason = names.find((name) => closeCodes[name] === code) ?? null;
  const returns = mayReconnect(code);
  const errorCode = (reason && errorCodes[reason]) ?? (returns ? "unavailable" : "forbidden");
  const error = new GrandstandError(errorCode, `The server closed the connection: ${text}`);
  if (reason === "unauthenticated") return reactionToRefusal(error, tokens);
  if (!returns) return { kind: "close", error, reason };
  if (reason === "tokenExpired") tokens.expired();
  const spreadMs = reason === "draining" ? Math.random() * DRAIN_SPREAD_MS : undefined;
  return { kind: "retry", error, reason, delayMs: reconnectAfterMs ?? spreadMs };
}
