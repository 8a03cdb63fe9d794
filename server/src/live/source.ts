import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";
import type { Subscription } from "./subscription.js";

/** What a subscriber asked for. */
export type SubscribeRequest = Omit<ParsedInputOf<"channel.subscribe">, "channel">;

/** Where a subscriber begins: its reply. Every later publication to `group` lies behind `position`. */
export type JoinResult = Omit<OutputOf<"channel.subscribe">, "channel"> & {
  group: string;
  /** The log holds more behind `position` than one reply should: it is read on as for one who reads slowly. */
  isBehind?: boolean;
};

/** Where a feed hands its publications to the hub. */
export interface Publisher {
  /** To every local subscriber of an group. Offsets never fall from one call to the next. */
  publish(group: string, epoch: string, publications: Publication[]): void;
  /** To one subscriber alone. */
  publishTo(subscriber: Subscription, epoch: string, publications: Publication[]): void;
  /**
   * To everyone of an group but some, now or not at all: it does not wait for what gathers, and gives way to
   * it; who reads slowly, or has no reply yet, goes without.
   */
  publishEphemeral(
    group: string,
    epoch: string,
    publication: Publication,
    isExcepted: (connection: Connection) => boolean,
  ): void;
  /** Every local connection that follows the channel. */
  connections(): Iterable<Connection>;
  /** Ends the subscriptions of some connections, and tells them why at `position`. */
  end(isEnded: (connection: Connection) => boolean, position: Position, error: GrandstandError): void;
}

/**
 * What a domain tells live about one kind of channel. The hub opens a feed when the first local subscriber
 * comes, after Redis has confirmed the subscription to its topic, and closes it when the last one left.
 */
export interface ChannelSource {
  /** The pub/sub channel in Redis that tells of changes of channel `id`. */
  topic(id: string): string;
  open(id: string, publisher: Publisher): Feed;
}

/** One channel on this node, shared by all its local subscribers. */
export interface Feed {
  /**
   * Takes a subscriber in. The hub holds for it from before this call, so that no publication between its
   * state and its reply is lost. The feed calls `subscriber.stateTaken()` in the moment that it takes the state
   * from its own memory or from a reply of Redis.
   * @throws {GrandstandError} `not_found`, `forbidden`, `bad_request`, or what tells that Redis is away.
   */
  join(subscriber: Subscription, request: SubscribeRequest): Promise<JoinResult>;
  leave(subscriber: Subscription): void;
  /** A message on the topic, in Redis's order. */
  receive(message: string): void;
  /** The subscription was interrupted and is whole again: publish what was missed, in order. */
  resync(): void;
  close(): void;
  /** A connection's caller has other rights now: the feed ends its subscription if the channel is not for it any more. */
  onRightsChanged?(connection: Connection): void;
  /** For a channel that keeps a log: how one goes on who could not be sent everything. */
  readonly log?: ChannelLog;
}

/** The publications of a channel as they can be read again. */
export interface ChannelLog {
  /** Up to here everything was handed to the publisher. Set from the first `join` on. */
  readonly position: Position;
  /** Reads a part of what lies behind a position, from its beginning. */
  readBehind(position: Position): Promise<LogPart>;
}

/** Publications without a gap, up to `position`; or why there are none, and where the log now ends. */
export type LogPart =
  | { publications: Publication[]; position: Position }
  | { reason: RecoveryFailure; position: Position };
