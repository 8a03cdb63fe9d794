import type { errorTable } from "./error-table.js";

export type ErrorCode = keyof typeof errorTable;

/** One rule that an input breaks. */
export interface Issue {
  /** The field as a dotted path; `""` for the whole input. */
  path: string;
  rule: string;
  /** A text such as `must be a number`. */
  message: string;
}

/** An error as it travels on sockets; REST wraps the same fields in an RFC 9457 problem document. */
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
  /** Set by clients, never sent. */
  mayHaveTakenEffect?: boolean;
  /** The underlying error: for logs, never sent. */
  cause?: unknown;
}

/** An error that is meant for the caller. Server and SDK throw the same class. */
export class GrandstandError extends Error {
  readonly code: ErrorCode;
  readonly issues: Issue[] | undefined;
  readonly retryAfterMs: number | undefined;
  /**
   * For a call that got no reply: whether the server may have carried it out. Undefined for an error that the server
   * sent.
   */
  readonly mayHaveTakenEffect: boolean | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "GrandstandError";
    this.code = code;
    this.issues = details.issues;
    this.retryAfterMs = details.retryAfterMs;
    this.mayHaveTakenEffect = details.mayHaveTakenEffect;
  }

  static fromWire(error: WireError): GrandstandError {
    return new GrandstandError(error.code, error.message, error);
  }
}
