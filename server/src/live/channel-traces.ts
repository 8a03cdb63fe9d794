import type { Position, Publication } from "@grandstand/shared/channels";
import type { Connection } from "../core/connection.js";

/**
 * How publications reached a connection: as a push, with the reply to its subscribe call, or read from the log because
 * the connection was behind.
 */
export type HandedFrom = "push" | "reply" | "log";

/** Records what happens in one channel on this node while an operator traces it. */
export interface ChannelTrace {
  /** A call of a user to this node published something. @param connection null for a call over REST */
  published(operation: string, offset: number, user: string, connection: Connection | null): void;
  /** The reply to a subscriber was sent. @param outcome `new`, `recovered`, or why the recovery failed */
  subscribed(connection: Connection, outcome: string, position: Position): void;
  /** Publications were handed to connections. */
  handed(connections: Iterable<Connection>, publications: readonly Publication[], from: HandedFrom): void;
  /** Backpressure paused the subscription of a connection. */
  paused(connection: Connection): void;
  /** A subscription ended, or its connection closed. */
  left(connection: Connection): void;
}

/** What operators trace now. */
export interface ChannelTraces {
  /** Undefined for a channel that is not traced. */
  of(channel: string): ChannelTrace | undefined;
}

export const noTraces: ChannelTraces = { of: () => undefined };
