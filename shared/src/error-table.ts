/**
 * Every error code that a caller can receive. HTTP statuses, problem titles and retry rules are derived from this
 * table.
 */
export const errorTable = {
  bad_request: { status: 400, retry: false, title: "The request is not valid" },
  unauthenticated: { status: 401, retry: false, title: "Valid credentials are needed" },
  forbidden: { status: 403, retry: false, title: "The caller may not do this" },
  not_found: { status: 404, retry: false, title: "There is no such thing" },
  conflict: { status: 409, retry: false, title: "The present state does not allow this" },
  payload_too_large: { status: 413, retry: false, title: "The request is too large" },
  rate_limited: { status: 429, retry: true, title: "Too many requests" },
  unavailable: { status: 503, retry: true, title: "The service can't answer right now" },
  internal: { status: 500, retry: false, title: "Something went wrong on the server" },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>;
