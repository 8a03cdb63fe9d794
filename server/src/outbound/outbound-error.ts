/** A request that had no answer. Its class tells it from the failure of a connection to Redis, which reads the same. */
export class OutboundError extends Error {
  /** The code of the failed connection or lookup, such as `ECONNREFUSED`. */
  readonly code?: string;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.name = "OutboundError";
    if (cause.code !== undefined) this.code = cause.code;
  }
}
