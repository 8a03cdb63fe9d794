/** Every error code that a caller can receive, with its HTTP status, and whether a retry can succeed. */
export const errorTable = {
  bad_request: { status: 400, retry: false },
  unauthenticated: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  not_found: { status: 404, retry: false },
  conflict: { status: 409, retry: false },
  payload_too_large: { status: 413, retry: false },
  rate_limited: { status: 429, retry: true },
  unavailable: { status: 503, retry: true },
  internal: { status: 500, retry: false },
} as const satisfies Record<string, { status: number; retry: boolean }>;
