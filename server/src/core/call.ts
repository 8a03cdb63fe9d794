import type { Idempotency } from "../redis/idempotency.js";
import type { Caller } from "./caller.js";
import type { Connection } from "./connection.js";

/** One call of an operation, as its handler sees it. */
export interface Call {
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
  idempotency: Idempotency | null;
  /** The User-Agent of the client, when the transport has one. */
  userAgent?: string | null;
  /**
   * Registers what follows the reply. `then` runs when the reply is sent and before anything else is. `undo` runs instead
   * when the caller received an error meanwhile.
   */
  afterReply(then: () => void, undo: () => void): void;
}

/**
 * The connection of a call whose operation has no REST form.
 * @throws {TypeError} when there is none, which dispatch rules out
 */
export function connectionOf({ connection }: Pick<Call, "connection">): Connection {
  if (!connection) throw new TypeError("an operation of live connections was called without one");
  return connection;
}
