/**
 * A request without a response. Its class distinguishes it from
 * a failed connection to Redis, which has the same codes.
 */
export class OutboundError extends Error {
  /** The code of the failed connection or lookup, such as `ECONNREFUSED`. */
  readonly code?: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.name = "OutboundError";
    if (cause.code !== undefined) this.code = cause.code;
  }
}
