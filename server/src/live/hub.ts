import { type ChannelKind, parseChannel } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import { mayFollow } from "../authz/grants.js";
import type { Connection } from "../core/connection.js";
import { noObserver, type Observer } from "../observer/observer.js";
import { noProfiles, type ShownProfiles } from "../profiles/shown-profiles.js";
import type { Topics } from "../redis/topics.js";
import { type ChannelTraces, noTraces } from "./channel-traces.js";
import { LocalChannel } from "./local-channel.js";
import { SendLoad } from "./send-load.js";
import { type Channels, type QueueLimits, SlowConsumers } from "./slow-consumers.js";
import type { ChannelSource, JoinResult, SubscribeRequest } from "./source.js";
import { endedEarly, Subscription } from "./subscription.js";

export type ChannelSources = Partial<Record<ChannelKind, ChannelSource>>;

/** The reply to a subscriber. The caller calls `begin` after it has sent the reply, or `end` if it could not send it. */
export type Subscribed = Omit<JoinResult, "group" | "isBehind"> & { begin: () => void; end: () => void };

type Membership = Subscription<LocalChannel>;

/** The local fan-out: which connection of this node follows which channel, for all transports. */
export class Hub implements Channels {
  readonly #topics: Topics;
  readonly #sources: ChannelSources;
  readonly #load: SendLoad;
  readonly #channelsPerConnection: number;
  readonly #observer: Observer;
  readonly #profiles: ShownProfiles;
  readonly #traces: ChannelTraces;
  readonly #channels = new Map<string, LocalChannel>();
  readonly #subscriptions = new Map<Connection, Membership[]>();
  /** Closed connections. A call that was running when its connection closed may still try to subscribe. */
  readonly #closed = new WeakSet<Connection>();
  readonly slowConsumers: SlowConsumers;

  constructor(
    topics: Topics,
    sources: ChannelSources,
    batchMs: number,
    queueLimits: QueueLimits,
    channelsPerConnection: number,
    observer: Observer = noObserver,
    profiles: ShownProfiles = noProfiles,
    traces: ChannelTraces = noTraces,
  ) {
    this.#profiles = profiles;
    profiles.onChanged((user, profile, isRename) => {
      for (const channel of this.#channels.values()) channel.updateProfile(user, profile, isRename);
    });
    this.#traces = traces;
    this.#topics = topics;
    this.#channelsPerConnection = channelsPerConnection;
    this.#sources = sources;
    this.#load = new SendLoad(batchMs);
    this.#observer = observer;
    this.slowConsumers = new SlowConsumers(queueLimits, this, observer);
  }

  /** The number of subscriptions of each kind of channel. */
  subscriptionCounts(): Map<ChannelKind, number> {
    const counts = new Map<ChannelKind, number>();
    for (const own of this.#subscriptions.values())
      for (const { channel } of own) counts.set(channel.kind, (counts.get(channel.kind) ?? 0) + 1);
    return counts;
  }

  /** The number of channels with a local subscriber. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /**
   * Subscribes a connection. Its earlier subscription to the same channel ends first, so after an error the connection
   * does not follow the channel. The caller sends the reply and then calls `begin`.
   * @throws {GrandstandError} `bad_request` above `channelsPerConnection`; `not_found` for an unknown channel; `unavailable`
   * when Redis does not confirm in time; `conflict` when the connection closed or the subscription ended before the reply;
   * any error of `Feed.join` (source.ts).
   */
  async subscribe(connection: Connection, name: string, request: SubscribeRequest): Promise<Subscribed> {
    if (this.#closed.has(connection)) throw new GrandstandError("conflict", "The connection is closed");
    this.#end(connection, name);
    const own = this.#subscriptions.get(connection) ?? [];
    if (own.length >= this.#channelsPerConnection) {
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
    this.#subscriptions.set(connection, [...own, subscription]);
    try {
      await channel.ready;
      if (!channel.has(subscription)) throw endedEarly();
      const { group, isBehind = false, ...reply } = await channel.feed.join(subscription, request);
      subscription.group = group;
      await channel.showIn(subscription, reply);
      if (!channel.has(subscription)) {
        channel.feed.leave(subscription);
        throw endedEarly();
      }
      const outcome =
        request.since === undefined ? "new" : reply.recovered ? "recovered" : (reply.reason ?? "new");
      this.#observer.note("subscribed", { kind: channel.kind, outcome });
      return {
        ...reply,
        begin: () => {
          const trace = this.#traces.of(name);
          trace?.subscribed(connection, outcome, reply.position);
          if (reply.publications?.length) trace?.handed([connection], reply.publications, "reply");
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

  /** Called when the rights of a connection's caller have changed. Ends the subscriptions that are no longer allowed. */
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

  /**
   * Called when a reply to a connection contains users. From now on, the connection's channels of the kind `kind`
   * publish changes of these users' profiles.
   */
  noteShown(connection: Connection, kind: ChannelKind, reply: unknown): void {
    for (const { channel } of this.#subscriptions.get(connection) ?? []) {
      if (channel.kind === kind) channel.showKnown(reply);
    }
  }

  /** Ends all subscriptions of a closed connection, and refuses later ones. */
  drop(connection: Connection): void {
    this.#closed.add(connection);
    this.slowConsumers.forget(connection);
    for (const subscription of this.#subscriptions.get(connection) ?? []) this.#remove(subscription);
  }

  /** Pauses all subscriptions of a connection. */
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
    const own = this.#subscriptions.get(connection) ?? [];
    return own.some((subscription) => subscription.channel.isPaused(subscription));
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
    const onEnd = (subscription: Subscription) => this.#remove(subscription as Membership);
    const channel = new LocalChannel(
      name,
      parsed,
      source,
      this.#load,
      this.#observer,
      this.#profiles,
      this.#traces,
      onEnd,
    );
    channel.ready = this.#topics.listen(channel.topic, channel.feed);
    // `subscribe` awaits this promise later. Until then a rejection must not be reported as unhandled.
    channel.ready.catch(() => {});
    this.#channels.set(name, channel);
    return channel;
  }

  #remove(subscription: Membership): void {
    const { connection, channel } = subscription;
    const left = this.#subscriptions.get(connection)?.filter((one) => one !== subscription);
    if (left && left.length > 0) this.#subscriptions.set(connection, left);
    else this.#subscriptions.delete(connection);
    channel.remove(subscription);
    if (!channel.isEmpty || this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    this.#topics.ignore(channel.topic);
    channel.feed.close();
  }
}
