import type { Idempotency } from "../redis/idempotency.js";
import type { Caller } from "./caller.js";
import type { Connection } from "./connection.js";

/** What a handler knows of a call besides its input. */
export interface Call {
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
  idempotency: Idempotency | null;
  /** The entity tags of the answers that a REST caller has already, as in the header `If-None-Match`. */
  ifNoneMatch?: string | null;
  /** The header `User-Agent`, where the transport has one. */
  userAgent?: string | null;
  /**
   * Runs `then` once the reply was handed to the connection, before anything else is sent there; or `undo` when the
   * caller already received a failure.
   */
  afterReply(then: () => void, undo: () => void): void;
}

/**
 * The connection of a call whose operation has no REST form.
 * @throws {TypeError} without one: dispatch lets no such call through, so it is a bug.
 */
export function connectionOf({ connection }: Pick<Call, "connection">): Connection {
  if (!connection) throw new TypeError("an operation that needs a live connection was called without one");
  return connection;
}
