import type { Idempotency } from "../redis/idempotency.js";
import type { Caller } from "./caller.js";
import type { Connection } from "./connection.js";

/** One call of an operation, as its handler sees it. */
export interface Call {
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
  idempotency: Idempotency | null;
  /** What the client's program calls itself, where a transport says. */
  userAgent?: string | null;
  /**
   * Runs `then` once the reply has been handed to the connection, before anything else is sent there; or `undo`
   * when the caller was told meanwhile that the call failed.
   */
  afterReply(then: () => void, undo: () => void): void;
}

/**
 * The connection of a call whose operation has no REST form.
 * @throws {TypeError} when there is none: the contract says otherwise, so it is our own mistake.
 */
export function connectionOf({ connection }: Pick<Call, "connection">): Connection {
  if (!connection) throw new TypeError("an operation of live connections was called without one");
  return connection;
}
