import { type ChannelKind, parseChannel } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import { mayFollow } from "../authz/grants.js";
import type { Connection } from "../core/connection.js";
import type { Bus } from "./bus.js";
import { LocalChannel } from "./local-channel.js";
import { SendLoad } from "./send-load.js";
import { type Channels, type QueueLimits, SlowConsumers } from "./slow-consumers.js";
import type { ChannelSource, JoinResult, SubscribeRequest } from "./source.js";
import { endedEarly, Subscription } from "./subscription.js";

export type ChannelSources = Partial<Record<ChannelKind, ChannelSource>>;

/** A subscription's reply, what makes it live once that is on the way, and what ends it where it is not. */
export type Subscribed = Omit<JoinResult, "group" | "isBehind"> & { begin: () => void; end: () => void };

type Membership = Subscription<LocalChannel>;

/** Local fan-out: which connection of this node follows which channel, whatever its transport. */
export class Hub implements Channels {
  readonly #bus: Bus;
  readonly #sources: ChannelSources;
  readonly #load: SendLoad;
  readonly #channelsPerConnection: number;
  readonly #channels = new Map<string, LocalChannel>();
  readonly #subscriptions = new Map<Connection, Membership[]>();
  /** A call that was under way when its connection went may still come here. */
  readonly #gone = new WeakSet<Connection>();
  readonly slowConsumers: SlowConsumers;

  constructor(
    bus: Bus,
    sources: ChannelSources,
    batchMs: number,
    queueLimits: QueueLimits,
    channelsPerConnection: number,
  ) {
    this.#bus = bus;
    this.#channelsPerConnection = channelsPerConnection;
    this.#sources = sources;
    this.#load = new SendLoad(batchMs);
    this.slowConsumers = new SlowConsumers(queueLimits, this);
  }

  /** How many channels have a local subscriber. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /**
   * Subscribes a connection, in place of its earlier subscription to the same channel if it has one.
   * The caller sends the reply and then calls `begin`.
   * @throws {GrandstandError} `bad_request` past the channels allowed, `not_found`, `unavailable`, `conflict` when
   * the subscription or its connection ended meanwhile, or what the channel's source throws.
   */
  async subscribe(connection: Connection, name: string, request: SubscribeRequest): Promise<Subscribed> {
    if (this.#gone.has(connection)) throw new GrandstandError("conflict", "The connection is closed");
    this.#end(connection, name);
    const mine = this.#subscriptions.get(connection) ?? [];
    if (mine.length >= this.#channelsPerConnection) {
      throw new GrandstandError("bad_request", "This connection follows too many channels", {
        issues: [
          {
            path: "channel",
            rule: "channelsPerConnection",
            message: `a connection follows at most ${this.#channelsPerConnection} channels`,
          },
        ],
      });
    }
    const channel = this.#channels.get(name) ?? this.#open(name);
    const subscription = new Subscription(connection, channel);
    channel.add(subscription);
    this.#subscriptions.set(connection, [...mine, subscription]);
    try {
      await channel.ready;
      if (!channel.has(subscription)) throw endedEarly();
      const { group, isBehind = false, ...reply } = await channel.feed.join(subscription, request);
      subscription.group = group;
      if (!channel.has(subscription)) {
        channel.feed.leave(subscription);
        throw endedEarly();
      }
      return {
        ...reply,
        begin: () => {
          channel.begin(subscription, reply.position, isBehind);
          if (isBehind) this.slowConsumers.add(connection);
          else if (this.slowConsumers.isPaused(connection)) channel.pause(subscription);
        },
        end: () => this.#remove(subscription),
      };
    } catch (error) {
      this.#remove(subscription);
      throw error;
    }
  }

  /** @throws {GrandstandError} `not_found` when the connection does not follow the channel. */
  unsubscribe(connection: Connection, name: string): void {
    if (!this.#end(connection, name)) {
      throw new GrandstandError("not_found", "This connection does not follow that channel");
    }
  }

  /** A connection's caller was replaced by one with other rights: ends what it may not follow any more. */
  reviewRights(connection: Connection): void {
    for (const subscription of this.#subscriptions.get(connection) ?? []) {
      const { channel } = subscription;
      if (mayFollow(connection.caller, channel.name)) channel.feed.onRightsChanged?.(connection);
      else
        channel.dismiss(
          subscription,
          new GrandstandError("forbidden", "You may not follow this channel any more"),
        );
    }
  }

  /** Ends all subscriptions of a connection that is gone, and takes no more of it. */
  drop(connection: Connection): void {
    this.#gone.add(connection);
    this.slowConsumers.forget(connection);
    for (const subscription of this.#subscriptions.get(connection) ?? []) this.#remove(subscription);
  }

  /** Takes a connection out of the groups of all its channels. */
  pause(connection: Connection): void {
    for (const subscription of this.#subscriptions.get(connection) ?? [])
      subscription.channel.pause(subscription);
  }

  async catchUp(connection: Connection, hasRoom: () => boolean): Promise<void> {
    for (const subscription of this.#subscriptions.get(connection) ?? []) {
      if (!(await subscription.channel.catchUp(subscription, hasRoom))) return;
    }
  }

  hasPausedSubscription(connection: Connection): boolean {
    const mine = this.#subscriptions.get(connection) ?? [];
    return mine.some((subscription) => subscription.channel.isPaused(subscription));
  }

  #end(connection: Connection, name: string): boolean {
    const subscription = this.#subscriptions.get(connection)?.find(({ channel }) => channel.name === name);
    if (subscription) this.#remove(subscription);
    return subscription !== undefined;
  }

  #open(name: string): LocalChannel {
    const parsed = parseChannel(name);
    const source = parsed && this.#sources[parsed.kind];
    if (!source) throw new GrandstandError("not_found", "There is no such channel");
    const channel = new LocalChannel(name, parsed.id, source, this.#load, (subscription) =>
      this.#remove(subscription as Membership),
    );
    channel.ready = this.#bus.listen(channel.topic, channel.feed);
    // Whoever subscribes awaits it; an early failure must not count as unhandled before that.
    channel.ready.catch(() => {});
    this.#channels.set(name, channel);
    return channel;
  }

  #remove(subscription: Membership): void {
    const { connection, channel } = subscription;
    const left = this.#subscriptions.get(connection)?.filter((mine) => mine !== subscription);
    if (left && left.length > 0) this.#subscriptions.set(connection, left);
    else this.#subscriptions.delete(connection);
    channel.remove(subscription);
    if (!channel.isEmpty || this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    this.#bus.ignore(channel.topic);
    channel.feed.close();
  }
}
