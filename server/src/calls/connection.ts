import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Caller } from "./caller.js";

/**
 * The local fan-out of one transport. An audience is the set of local connections that receive the same
 * publications: the subscribers of a channel, or of one view of it.
 */
export interface Wire {
  join(audience: string, connection: Connection): void;
  leave(audience: string, connection: Connection): void;
  /** Sends to everyone of an audience, encoded once. */
  broadcast(audience: string, push: Push): void;
}

/** One live connection of any transport. */
export interface Connection {
  readonly id: string;
  readonly caller: Caller;
  readonly wire: Wire;
  send(push: Push): void;
  /** Tells the client why and ends the connection. */
  close(reason: CloseReason): void;
}
