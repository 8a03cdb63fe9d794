import type { ErrorCode } from "./errors.js";

/** The titles of problem documents. Clients show the detail instead, so their bundles do not contain the titles. */
export const errorTitles: Readonly<Record<ErrorCode, string>> = {
  bad_request: "The request is not valid",
  unauthenticated: "Valid credentials are needed",
  forbidden: "The caller may not do this",
  not_found: "There is no such thing",
  conflict: "The present state does not allow this",
  payload_too_large: "The request is too large",
  rate_limited: "Too many requests",
  unavailable: "The service can't answer right now",
  internal: "Something went wrong on the server",
};
