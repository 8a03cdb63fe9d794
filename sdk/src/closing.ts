import { closeCodes, mayReconnect } from "@grandstand/shared/close-codes";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";

/** The event `closing`: why the server is about to disconnect. */
export interface Closing {
  code: number;
  reason: string;
  /** When the server spreads the return of its clients: how long this one is to wait. */
  reconnectAfterMs?: number;
}

const errorCodes: Readonly<Record<number, ErrorCode>> = {
  [closeCodes.badFrames.code]: "bad_request",
  [closeCodes.revoked.code]: "unauthenticated",
  [closeCodes.unauthenticated.code]: "unauthenticated",
  [closeCodes.forbidden.code]: "forbidden",
  [closeCodes.abuse.code]: "rate_limited",
};

/** The error that ends a client for good; null when it should come back. */
export function finalError({ code, reason }: Closing): GrandstandError | null {
  if (mayReconnect(code)) return null;
  return new GrandstandError(errorCodes[code] ?? "forbidden", `The server closed the connection: ${reason}`);
}
