import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";
import type { Subscription } from "./subscription.js";

/** The input of `channel.subscribe` without the channel. */
export type SubscribeRequest = Omit<ParsedInputOf<"channel.subscribe">, "channel">;

/** The reply to a subscriber. Every later publication to `group` has an offset behind `position`. */
export type JoinResult = Omit<OutputOf<"channel.subscribe">, "channel"> & {
  group: string;
  /** The log holds more behind `position` than one reply may: the subscription begins paused and catches up. */
  isBehind?: boolean;
};

/** A feed hands its publications to the hub through this. */
export interface Publisher {
  /** To every local subscriber of a group. Offsets never fall from one call to the next. */
  publish(group: string, epoch: string, publications: Publication[]): void;
  /** To one subscriber alone. */
  publishTo(subscriber: Subscription, epoch: string, publications: Publication[]): void;
  /**
   * To all subscribers of a group but the excepted ones, at once or not at all. It is dropped while a batch waits, and for
   * subscribers that are paused or have no reply yet.
   */
  publishEphemeral(
    group: string,
    epoch: string,
    publication: Publication,
    isExcepted: (connection: Connection) => boolean,
  ): void;
  /** Every local connection that follows the channel. */
  connections(): Iterable<Connection>;
  /** Ends the subscriptions of some connections, and sends them `error` at `position`. */
  end(isEnded: (connection: Connection) => boolean, position: Position, error: GrandstandError): void;
}

/**
 * What a domain gives the hub for one kind of channel. The hub opens a feed for the first local subscriber, once
 * Redis has confirmed the subscription to the topic, and closes it after the last one left.
 */
export interface ChannelSource {
  /** The topic that carries the publications of channel `id`. */
  topic(id: string): string;
  open(id: string, publisher: Publisher): Feed;
}

/** The state of one channel on this node, shared by its local subscribers. */
export interface Feed {
  /**
   * Adds a subscriber. The hub already holds publications for the subscriber. The feed calls `subscriber.stateTaken()`
   * when it takes the snapshot, from memory or from a reply of Redis.
   * @throws {GrandstandError} `not_found`, `forbidden`, `bad_request`, or an error that means that Redis is away.
   */
  join(subscriber: Subscription, request: SubscribeRequest): Promise<JoinResult>;
  leave(subscriber: Subscription): void;
  /** A message of the topic, in Redis's order. */
  receive(message: string): void;
  /** Messages may have been lost: publish what was missed, in order. */
  resync(): void;
  close(): void;
  /** Called when the rights of a connection's caller have changed. The feed ends its subscription if it lost access. */
  onRightsChanged?(connection: Connection): void;
  /** For a channel with a log: a paused subscriber catches up from it. */
  readonly log?: ChannelLog;
}

/** Publications of a channel that can be read again. */
export interface ChannelLog {
  /** The position up to which everything was handed to the publisher. Set from the first `join` on. */
  readonly position: Position;
  /** Reads the first part of the publications behind a position. */
  readBehind(position: Position): Promise<LogPart>;
}

/** Publications without a gap, up to `position`; or why they can't be read, and the end of the log. */
export type LogPart =
  | { publications: Publication[]; position: Position }
  | { reason: RecoveryFailure; position: Position };
