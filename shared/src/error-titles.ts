import type { ErrorCode } from "./errors.js";

/**
 * The titles of problem documents. Clients show the `detail` instead, so a separate file keeps the titles out of client
 * bundles.
 */
export const errorTitles: Readonly<Record<ErrorCode, string>> = {
  bad_request: "The request is not valid",
  unauthenticated: "Valid credentials are needed",
  forbidden: "The caller may not do this",
  not_found: "There is no such thing",
  conflict: "The current state does not allow this",
  payload_too_large: "The request is too large",
  rate_limited: "Too many requests",
  unavailable: "The service can't answer right now",
  internal: "Something went wrong on the server",
};
