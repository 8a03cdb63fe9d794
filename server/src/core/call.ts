import type { Idempotency } from "../redis/idempotency.js";
import type { Caller } from "./caller.js";
import type { Connection } from "./connection.js";

/** What a handler receives about a call besides its input. */
export interface Call {
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
  idempotency: Idempotency | null;
  /** The entity tags of the responses that a REST caller has already, as in the header `If-None-Match`. */
  ifNoneMatch?: string | null;
  /** The header `User-Agent`, where the transport has one. */
  userAgent?: string | null;
  /**
   * Registers what to do after the reply. `then` runs as soon as the reply was passed to the connection, before
   * anything else is sent there. `undo` runs instead if the caller has received an error although the handler
   * succeeded (a timeout).
   */
  afterReply(then: () => void, undo: () => void): void;
}

/**
 * The connection of a call whose operation has no REST form.
 * @throws {TypeError} if the call has no connection. This is a bug, because dispatch lets no such call through.
 */
export function connectionOf({ connection }: Pick<Call, "connection">): Connection {
  if (!connection) throw new TypeError("an operation that needs a live connection was called without one");
  return connection;
}
