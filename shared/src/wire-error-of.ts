import type { GrandstandError, WireError } from "./errors.js";

/** The part of an error that is sent. */
export function wireErrorOf({ code, message, issues, retryAfterMs }: GrandstandError): WireError {
  return { code, message, ...(issues && { issues }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
