import type { Idempotency } from "../redis/idempotency.js";
import type { Caller } from "./caller.js";
import type { Connection } from "./connection.js";

/** One call of an operation, as its handler sees it. */
export interface Call {
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
  idempotency: Idempotency | null;
  /** Runs `then` once the reply has been handed to the connection, before anything else is sent there. */
  afterReply(then: () => void): void;
}
