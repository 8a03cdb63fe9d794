import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Expiring } from "@grandstand/shared/frames";
import type { ClosedBy, LiveTransportName } from "../observer/observer.js";
import type { Caller } from "./caller.js";

/**
 * The local fan-out of one transport. A group is the set of local connections that receive the same publications:
 * the subscribers of a channel, or of one view of it.
 */
export interface Broadcaster {
  join(group: string, connection: Connection): void;
  leave(group: string, connection: Connection): void;
  /** Sends a push to all members of a group, without those in `except`. Encodes it once. */
  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void;
}

/** One live connection of any transport. */
export interface Connection {
  readonly id: string;
  readonly transport: LiveTransportName;
  /** Why the connection closes or has closed; `client` unless this node closes the connection. */
  readonly closedBy: ClosedBy;
  /**
   * On a plain WebSocket, the caller is `nobody` until the `connect` frame. `auth.refresh` replaces the caller: the user or
   * key stays the same, and rights and expiry may change. The app's hooks can give a user further
   * rights on channels (`addedCaps`).
   */
  caller: Caller;
  readonly broadcaster: Broadcaster;
  /** The client's address, according to the trusted proxies. */
  readonly address: string;
  /** The bytes that wait in this process for the client to read them. */
  readonly queuedBytes: number;
  send(push: Push): void;
  /**
   * Called after the server ended a subscription and sent the reason. An event stream closes when its last
   * subscription ends.
   */
  onSubscriptionEnded(): void;
  /** Tells the client that its credential is about to expire. */
  warn(expiring: Expiring): void;
  /** Sends the close notice and closes the connection. */
  close(reason: CloseReason): void;
  /** Closes the connection without a close notice. */
  terminate(): void;
}
