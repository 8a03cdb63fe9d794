import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";
import type { Subscription } from "./subscription.js";

/** What a subscriber requests. */
export type SubscribeRequest = Omit<ParsedInputOf<"channel.subscribe">, "channel">;

/** The reply to a subscriber, and its fan-out group. Every later publication to `group` is after `position`. */
export type JoinResult = Omit<OutputOf<"channel.subscribe">, "channel"> & {
  group: string;
  /** The log has more after `position` than fits into one reply. The subscription starts paused and catches up. */
  isBehind?: boolean;
};

/** How a feed hands publications to the hub. */
export interface Publisher {
  /** Publishes to every local subscriber of a group. Offsets never decrease from one call to the next. */
  publish(group: string, epoch: string, publications: Publication[]): void;
  /** Publishes to one subscriber. */
  publishTo(subscriber: Subscription, epoch: string, publications: Publication[]): void;
  /**
   * Publishes to a group now or not at all. It is dropped when a batch is pending, for paused subscriptions, and for those
   * without a reply yet.
   */
  publishEphemeral(
    group: string,
    epoch: string,
    publication: Publication,
    isExcluded: (connection: Connection) => boolean,
  ): void;
  /** Every local connection that subscribes to the channel. */
  connections(): Iterable<Connection>;
  /** Ends the subscriptions of some connections, with a last push at `position` that gives the error. */
  end(isEnded: (connection: Connection) => boolean, position: Position, error: GrandstandError): void;
}

/**
 * What a domain gives the hub for one kind of channel. The hub opens a feed for the first local subscriber of a channel and
 * closes it after the last one.
 */
export interface ChannelSource {
  /** The topic that carries the publications of the channel with this id. */
  topic(id: string): string;
  open(id: string, publisher: Publisher): Feed;
}

/** The state of one channel on this node, shared by its local subscribers. */
export interface Feed {
  /**
   * Adds a subscriber, after Redis has confirmed the subscription to the topic. The hub holds publications for the subscriber
   * from before this call. The feed calls `subscriber.stateTaken()` at the moment when it reads the state.
   * @throws {GrandstandError} `not_found`, `forbidden`, `bad_request` or `unavailable`
   */
  join(subscriber: Subscription, request: SubscribeRequest): Promise<JoinResult>;
  leave(subscriber: Subscription): void;
  /** Receives a message on the topic, in Redis's order. */
  receive(message: string): void;
  /** Called when messages may have been missed: the feed publishes what was missed, in order. */
  resync(): void;
  close(): void;
  /** Called when the caller of a connection has other rights: the feed ends its subscription if it lost access. */
  onRightsChanged?(connection: Connection): void;
  /** The log of the channel, when it keeps one: slow consumers catch up from it. */
  readonly log?: ChannelLog;
}

/** The stored publications of a channel. */
export interface ChannelLog {
  /** The position up to which everything was handed to the publisher. Defined from the first `join` on. */
  readonly position: Position;
  /** Reads the first publications after a position. */
  readBehind(position: Position): Promise<LogPart>;
}

/** Publications without a gap up to `position`; or the reason why there are none, and the end of the log. */
export type LogPart =
  | { publications: Publication[]; position: Position }
  | { reason: RecoveryFailure; position: Position };
