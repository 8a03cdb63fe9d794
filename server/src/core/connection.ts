import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Expiring } from "@grandstand/shared/frames";
import type { Caller } from "./caller.js";

/**
 * The local fan-out of one transport. A group is the set of local connections that receive the same publications: the
 * subscribers of a channel, or of one view of it.
 */
export interface Broadcaster {
  join(group: string, connection: Connection): void;
  leave(group: string, connection: Connection): void;
  /** Sends a push to a group, encoded once. */
  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void;
}

/** One live connection of any transport. */
export interface Connection {
  readonly id: string;
  /** `auth.refresh` replaces it: the same user or key, with other rights or another expiry. */
  caller: Caller;
  readonly broadcaster: Broadcaster;
  /** The address of the client, as trusted proxies report it. */
  readonly address: string;
  /** The bytes in this process that the client has not read yet. */
  readonly queuedBytes: number;
  send(push: Push): void;
  /** Called after the last push of a subscription that the server ended. An event stream ends then. */
  onSubscriptionEnded(): void;
  /** Tells the client that its credential is about to expire. */
  warn(expiring: Expiring): void;
  /** Sends a close notice and ends the connection. */
  close(reason: CloseReason): void;
  /** Ends the connection without a close notice. */
  terminate(): void;
}
