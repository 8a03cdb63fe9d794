import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";
import type { Subscription } from "./subscription.js";

/** The input of `channel.subscribe` without the channel. */
export type SubscribeRequest = Omit<ParsedInputOf<"channel.subscribe">, "channel">;

/**
 * The reply to a subscriber. If a later publication to `group` changes the channel's state, its offset is above that of
 * `position`. Other publications, such as `channel.resync` and `profile.updated`, may have the offset of `position`.
 */
export type JoinResult = Omit<OutputOf<"channel.subscribe">, "channel"> & {
  /** The name of a fan-out group: the local subscribers of a channel that receive the same publications. */
  group: string;
  /** The log has more publications after `position` than fit into the reply, so the subscription begins paused. */
  isBehind?: boolean;
};

/** The interface through which a feed hands publications to the hub. */
export interface Publisher {
  /**
   * Publishes to every local subscriber of a group. Within an epoch, offsets do not decrease from one call to the next.
   * There is one exception: after Redis lost publications, the feed publishes a resync, and smaller offsets may follow.
   */
  publish(group: string, epoch: string, publications: Publication[]): void;
  /** Publishes to one subscriber only. Publications to a paused subscriber are dropped. */
  publishTo(subscriber: Subscription, epoch: string, publications: Publication[]): void;
  /**
   * Publishes immediately to all subscribers of a group except the connections for which `isExcepted` is true. If a batch
   * of earlier publications is still waiting, the publication is dropped. Subscribers that are paused or have no reply yet
   * do not receive it.
   */
  publishEphemeral(
    group: string,
    epoch: string,
    publication: Publication,
    isExcepted: (connection: Connection) => boolean,
  ): void;
  /** Every local connection that follows the channel. */
  connections(): Iterable<Connection>;
  /**
   * Ends the subscriptions of the connections for which `isEnded` is true. Each of these connections receives a
   * `channel.ended` with `error`. The epoch and offset of this publication are those of `position`.
   */
  end(isEnded: (connection: Connection) => boolean, position: Position, error: GrandstandError): void;
}

/**
 * What a domain gives the hub for one kind of channel. The hub opens a feed for the first local subscriber of a channel
 * and closes it after the last one has left. It calls `join` once Redis has confirmed the subscription to the topic.
 */
export interface ChannelSource {
  /** The topic that carries the publications of channel `id`. */
  topic(id: string): string;
  open(id: string, publisher: Publisher): Feed;
}

/** The state of one channel on this node, shared by its local subscribers. */
export interface Feed {
  /**
   * Adds a subscriber, which already buffers publications. The feed calls `subscriber.stateTaken()` when it takes the
   * snapshot, from memory or from a reply of Redis. Then the subscriber discards the buffered publications,
   * because the snapshot contains them.
   * @throws {GrandstandError} `not_found`, `forbidden`, `bad_request`, or the error of a command that Redis did not answer.
   */
  join(subscriber: Subscription, request: SubscribeRequest): Promise<JoinResult>;
  leave(subscriber: Subscription): void;
  /** Receives a message of the topic. Messages arrive in the order in which Redis published them. */
  receive(message: string): void;
  /** Called when messages may have been lost. The feed reads the state again, and publishes what was missed, or a resync. */
  resync(): void;
  close(): void;
  /** Called when the rights of a connection's caller have changed. If the caller lost access, its subscription is ended. */
  onRightsChanged?(connection: Connection): void;
  /** The log from which paused subscribers catch up; undefined for a channel without a log. */
  readonly log?: ChannelLog;
}

/** Publications of a channel that can be read again. */
export interface ChannelLog {
  /** The position up to which everything was handed to the publisher. It is known after the first `join`. */
  readonly position: Position;
  /** Reads the first part of the publications after a position. */
  readBehind(position: Position): Promise<LogPart>;
}

/** Publications without a gap, up to `position`; or the reason why they can't be read, and the end of the log. */
export type LogPart =
  | { publications: Publication[]; position: Position }
  | { reason: RecoveryFailure; position: Position };
