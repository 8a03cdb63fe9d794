/**
 * An HTTP request to another server failed without a response. Errors of a connection
 * to Redis have the same codes, but not this class.
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
