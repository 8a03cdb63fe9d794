/**
 * All errors that a caller can get, in one table. HTTP statuses, problem titles, retry advice and the
 * table in the docs are derived from it.
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

export type ErrorCode = keyof typeof errorTable;

/** One broken rule: the field as a dotted path (`""` is the whole input), the rule's name, and a sentence. */
export interface Issue {
  path: string;
  rule: string;
  message: string;
}

/** An error as it is sent on sockets; REST wraps the same fields in an RFC 9457 problem document. */
export interface WireError {
  code: ErrorCode;
  message: string;
  issues?: Issue[];
  /** Milliseconds after which a retry can succeed. */
  retryAfterMs?: number;
}

export interface ErrorDetails {
  issues?: Issue[];
  retryAfterMs?: number;
  /** The underlying error, for logs. It is never sent. */
  cause?: unknown;
}

/** An error for the caller. Server and SDK throw the same class. */
export class GrandstandError extends Error {
  readonly code: ErrorCode;
  readonly issues: Issue[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "GrandstandError";
    this.code = code;
    this.issues = details.issues;
    this.retryAfterMs = details.retryAfterMs;
  }

  static fromWire(error: WireError): GrandstandError {
    return new GrandstandError(error.code, error.message, error);
  }

  toWire(): WireError {
    const wire: WireError = { code: this.code, message: this.message };
    if (this.issues) wire.issues = this.issues;
    if (this.retryAfterMs !== undefined) wire.retryAfterMs = this.retryAfterMs;
    return wire;
  }
}
