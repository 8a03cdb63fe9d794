import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Expiring } from "@grandstand/shared/frames";
import type { Caller } from "./caller.js";

/**
 * The local fan-out of one transport. An group is the set of local connections that receive the same
 * publications: the subscribers of a channel, or of one view of it.
 */
export interface Broadcaster {
  join(group: string, connection: Connection): void;
  leave(group: string, connection: Connection): void;
  /** Sends to everyone of an group but some, encoded once. */
  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void;
}

/** One live connection of any transport. */
export interface Connection {
  readonly id: string;
  /** A refresh puts another in its place: the same user or key, with other rights or another end. */
  caller: Caller;
  readonly broadcaster: Broadcaster;
  /** Of the client, as far as trusted proxies tell it. */
  readonly address: string;
  /** How much waits in this process for the client to read it. */
  readonly queuedBytes: number;
  send(push: Push): void;
  /** The server ended a subscription, as its last push says. A connection that is there for it alone ends. */
  onSubscriptionEnded(): void;
  /** Tells the client that its credentials are about to end. */
  warn(expiring: Expiring): void;
  /** Tells the client why and ends the connection. */
  close(reason: CloseReason): void;
  /** Ends the connection without a word. */
  terminate(): void;
}
