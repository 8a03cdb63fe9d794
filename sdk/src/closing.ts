import { type CloseReason, closeCodes, mayReconnect } from "@grandstand/shared/close-codes";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";

const errorCodes: Partial<Record<CloseReason, ErrorCode>> = {
  badFrames: "bad_request",
  revoked: "unauthenticated",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
  abuse: "rate_limited",
};

/** What a close code of the server means. */
export interface Closing {
  /** Null for a code that this version of the SDK does not know. */
  reason: CloseReason | null;
  /** Whether the client may connect again. */
  mayReconnect: boolean;
  error: GrandstandError;
}

export function closingOf(code: number, text: string): Closing {
  const names = Object.keys(closeCodes) as CloseReason[];
  const reason = names.find((name) => closeCodes[name].code === code) ?? null;
  const returns = mayReconnect(code);
  const errorCode = (reason && errorCodes[reason]) ?? (returns ? "unavailable" : "forbidden");
  return {
    reason,
    mayReconnect: returns,
    error: new GrandstandError(errorCode, `The server closed the connection: ${text}`),
  };
}
