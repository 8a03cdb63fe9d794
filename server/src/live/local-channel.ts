import type { ChannelName, Position, Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Profile } from "@grandstand/shared/user";
import type { Connection } from "../core/connection.js";
import type { Facts, Observer } from "../observer/observer.js";
import type { SpanAttributes } from "../observer/tracer.js";
import type { ShownProfiles } from "../profiles/shown-profiles.js";
import type { ChannelTraces, HandedFrom } from "./channel-traces.js";
import { FanoutGroup, type PushSize } from "./fanout-group.js";
import type { SendLoad } from "./send-load.js";
import type { ChannelSource, Feed, JoinResult, Publisher } from "./source.js";
import type { Subscription } from "./subscription.js";

/** One channel on this node: its feed, its local subscriptions and their fan-out groups. */
export class LocalChannel implements Publisher {
  readonly name: string;
  readonly kind: ChannelName["kind"];
  readonly topic: string;
  readonly feed: Feed;
  /** Resolves when Redis has confirmed the subscription to the topic; set by the hub. */
  ready: Promise<void> = Promise.resolve();
  readonly #load: SendLoad;
  readonly #observer: Observer;
  readonly #traces: ChannelTraces;
  readonly #onEnd: (subscription: Subscription) => void;
  readonly #subscriptions = new Set<Subscription>();
  /** Subscriptions for which `begin` has not been called yet: the reply to the subscribe call has not been sent. */
  readonly #beginning = new Set<Subscription>();
  /** The paused subscriptions with the position that each has reached; null where the channel has no log. */
  readonly #paused = new Map<Subscription, Position | null>();
  readonly #groups = new Map<string, FanoutGroup>();
  readonly #profiles: ShownProfiles;
  /** The users whom the channel has shown. Above MOST_SHOWN users, the user who was added first is forgotten. */
  readonly #shownUsers = new Set<string>();
  /** The position up to which each fan-out group has received publications. */
  readonly #positions = new Map<string, Position>();
  /**
   * The connection that a fan-out group is adding. Before it adds the connection, the group sends its queued publications
   * to its other members. This field keeps the connection out of the trace of these publications.
   */
  #entering: Connection | null = null;

  /** @param onEnd called for each subscription that the channel itself ends */
  constructor(
    name: string,
    { kind, id }: ChannelName,
    source: ChannelSource,
    load: SendLoad,
    observer: Observer,
    profiles: ShownProfiles,
    traces: ChannelTraces,
    onEnd: (subscription: Subscription) => void,
  ) {
    this.#profiles = profiles;
    this.name = name;
    this.kind = kind;
    this.#observer = observer;
    this.#traces = traces;
    this.topic = source.topic(id);
    this.#load = load;
    this.#onEnd = onEnd;
    this.feed = source.open(id, this);
  }

  /** Adds current profiles to a subscriber's reply, and remembers the users shown. Reads profiles that are not cached. */
  async showIn(
    subscription: Subscription,
    { snapshot, publications = [] }: Pick<JoinResult, "snapshot" | "publications">,
  ): Promise<void> {
    const shown = snapshot ?? publications.map(({ data }) => data);
    const reading = this.#profiles.show(shown);
    if (reading !== null) await reading;
    this.showKnown(shown);
    // The snapshot now contains the changed profiles that the subscription has buffered, so they need not be sent.
    if (snapshot !== undefined) subscription.takeProfiles();
  }

  /** Puts the profiles in this node's cache into `data`, and remembers which users the channel shows. */
  showKnown(data: unknown): void {
    this.#profiles.showKnown(data, this.#onShown);
  }

  /** Publishes a user's changed profile to the subscribers, if the channel has shown the user. */
  updateProfile(user: string, profile: Profile | null, isRename: boolean): void {
    // A user's own channel shows the user even before any publication, so a rename always goes there.
    const isOwn = isRename && this.name === `user:${user}`;
    if (!isOwn && !this.#shownUsers.has(user)) return;
    const data = { user, profile };
    for (const subscription of this.#beginning) subscription.bufferProfile(user, data);
    for (const subscription of this.#paused.keys()) subscription.bufferProfile(user, data);
    for (const [group, { epoch, offset }] of this.#positions) {
      this.#groups.get(group)?.publish(epoch, [{ offset, event: PROFILE, data }]);
    }
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0;
  }

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    this.#beginning.add(subscription);
  }

  has(subscription: Subscription): boolean {
    return this.#subscriptions.has(subscription);
  }

  /**
   * Called after the reply was sent. Adds the subscription to its group and sends the publications that it buffered. With
   * `isBehind` the subscription begins paused instead, and catches up from the log. If the subscription ended before
   * the reply was sent, its client receives the end notice now.
   */
  begin(subscription: Subscription, position: Position, isBehind: boolean): void {
    const { connection, endNotice } = subscription;
    if (endNotice !== null) {
      connection.send(endNotice);
      connection.onSubscriptionEnded();
    }
    if (!this.has(subscription) || subscription.group === null) return;
    this.#beginning.delete(subscription);
    const buffered = subscription.release(position);
    if (!this.#positions.has(subscription.group)) this.#positions.set(subscription.group, position);
    if (isBehind) {
      this.#paused.set(subscription, position);
      return;
    }
    this.#enter(subscription);
    for (const { epoch, publications } of buffered) this.#sendTo(connection, epoch, publications);
    this.#sendProfiles(subscription);
  }

  /** Takes a subscription out of its fan-out group until it has caught up. */
  pause(subscription: Subscription): void {
    if (!subscription.isLive || !this.has(subscription) || this.#paused.has(subscription)) return;
    // The position of the log includes the publications that the group has queued, so they are sent before the subscription
    // leaves the group.
    this.#groupOf(subscription)?.flush();
    this.#paused.set(subscription, this.feed.log?.position ?? null);
    this.#traces.of(this.name)?.paused(subscription.connection);
    this.#exit(subscription);
  }

  isPaused(subscription: Subscription): boolean {
    return this.#paused.has(subscription);
  }

  /**
   * Sends a paused subscription the publications that it missed, from the log, or tells the client to resync.
   * @param hasRoom whether the send queue of the connection has room
   * @returns true when the subscription is back in its group or has ended; false when it is still paused
   */
  async catchUp(subscription: Subscription, hasRoom: () => boolean): Promise<boolean> {
    for (;;) {
      const from = this.#paused.get(subscription);
      if (from === undefined) return true;
      // While the queue has no room, the subscription stays paused, because its group would queue more publications.
      if (!hasRoom()) return false;
      const { log } = this.feed;
      if (from === null || !log) {
        this.#resume(subscription);
        this.#sendResync(subscription, "skipped");
        return true;
      }
      if (isSame(from, log.position)) {
        this.#resume(subscription);
        return true;
      }
      const part = await log.readBehind(from);
      if (this.#paused.get(subscription) !== from) return true;
      if ("reason" in part) {
        this.#paused.set(subscription, log.position);
        this.#sendResync(subscription, part.reason);
        continue;
      }
      // The log in Redis may contain publications whose messages have not reached this node yet. These publications
      // are left out, because the whole group receives them when the messages arrive.
      const { epoch, offset } = log.position;
      const isAhead = part.position.epoch === epoch && part.position.offset > offset;
      const publications = isAhead
        ? part.publications.filter((publication) => publication.offset <= offset)
        : part.publications;
      for (const { data } of publications) this.showKnown(data);
      this.#paused.set(subscription, isAhead ? log.position : part.position);
      if (publications.length > 0) {
        this.#sendTo(subscription.connection, from.epoch, publications, "log");
      } else if (!isAhead) return false;
    }
  }

  remove(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription)) return;
    this.#beginning.delete(subscription);
    if (subscription.group === null) return;
    this.#traces.of(this.name)?.left(subscription.connection);
    this.feed.leave(subscription);
    if (subscription.isLive && !this.#paused.delete(subscription)) this.#exit(subscription);
  }

  publish(group: string, epoch: string, publications: Publication[]): void {
    const [first] = publications;
    if (first?.event === RESYNC) this.#noteResync((first.data as { reason: string }).reason);
    for (const { data } of publications) this.showKnown(data);
    const last = publications.at(-1);
    if (last) this.#positions.set(group, { epoch, offset: last.offset });
    for (const subscription of this.#beginning) subscription.buffer(group, epoch, publications);
    this.#groups.get(group)?.publish(epoch, publications);
  }

  publishTo(subscription: Subscription, epoch: string, publications: Publication[]): void {
    for (const { data } of publications) this.showKnown(data);
    if (!subscription.isLive) {
      subscription.buffer(null, epoch, publications);
      return;
    }
    if (this.#paused.has(subscription)) return;
    // The waiting batch was published earlier, so it must arrive first.
    this.#groupOf(subscription)?.flush();
    this.#sendTo(subscription.connection, epoch, publications);
  }

  publishEphemeral(
    group: string,
    epoch: string,
    publication: Publication,
    isExcepted: (connection: Connection) => boolean,
  ): void {
    this.showKnown(publication.data);
    const except = new Set([...this.#receivers(group)].filter(isExcepted));
    this.#groups.get(group)?.publishEphemeral(epoch, publication, except);
  }

  *connections(): Iterable<Connection> {
    for (const { connection } of this.#subscriptions) yield connection;
  }

  end(isEnded: (connection: Connection) => boolean, position: Position, error: GrandstandError): void {
    for (const subscription of this.#subscriptions) {
      if (isEnded(subscription.connection)) this.#end(subscription, position, error);
    }
  }

  /** Ends a subscription whose caller lost access to the channel. */
  dismiss(subscription: Subscription, error: GrandstandError): void {
    this.#end(subscription, subscription.group === null ? nowhere : this.#position, error);
  }

  #end(subscription: Subscription, { epoch, offset }: Position, { code, message }: GrandstandError): void {
    const publications = [{ offset, event: "channel.ended", data: { code, message } }];
    const { connection, isLive } = subscription;
    if (!isLive) subscription.endNotice = { channel: this.name, epoch, publications };
    else if (this.#paused.has(subscription)) this.#sendTo(connection, epoch, publications);
    else this.publishTo(subscription, epoch, publications);
    this.#onEnd(subscription);
    if (isLive) connection.onSubscriptionEnded();
  }

  get #position(): Position {
    return this.feed.log?.position ?? nowhere;
  }

  #groupOf({ group }: Subscription): FanoutGroup | undefined {
    return group === null ? undefined : this.#groups.get(group);
  }

  #enter({ group, connection }: Subscription): void {
    if (group === null) return;
    const members = this.#groups.get(group) ?? this.#openGroup(group);
    // `add` first sends the waiting batch. `#entering` excludes the new member from the trace of that batch.
    this.#entering = connection;
    members.add(connection);
    this.#entering = null;
  }

  #openGroup(name: string): FanoutGroup {
    const group = new FanoutGroup(name, this.name, this.#load, (size, send, push, except) => {
      this.#deliver(size, send);
      this.#traces.of(this.name)?.handed(this.#receivers(name, except), push.publications, "push");
    });
    this.#groups.set(name, group);
    return group;
  }

  /** The connections that receive a push to a fan-out group. */
  *#receivers(group: string, except?: ReadonlySet<Connection>): Iterable<Connection> {
    for (const subscription of this.#subscriptions) {
      const { connection } = subscription;
      if (subscription.group !== group || !subscription.isLive || this.#paused.has(subscription)) continue;
      if (connection !== this.#entering && !except?.has(connection)) yield connection;
    }
  }

  #exit(subscription: Subscription): void {
    const members = this.#groupOf(subscription);
    if (!members || subscription.group === null) return;
    members.remove(subscription.connection);
    if (members.size === 0) this.#groups.delete(subscription.group);
  }

  #resume(subscription: Subscription): void {
    this.#paused.delete(subscription);
    this.#enter(subscription);
    this.#sendProfiles(subscription);
  }

  /** Sends the profiles that changed while a subscription was beginning or paused. */
  #sendProfiles(subscription: Subscription): void {
    const changes = subscription.takeProfiles();
    const position = subscription.group === null ? undefined : this.#positions.get(subscription.group);
    if (changes.length === 0 || position === undefined) return;
    const { epoch, offset } = position;
    const publications = changes.map((data) => ({ offset, event: PROFILE, data }));
    this.#sendTo(subscription.connection, epoch, publications);
  }

  readonly #onShown = (user: string): void => {
    if (this.#shownUsers.has(user)) return;
    this.#shownUsers.add(user);
    if (this.#shownUsers.size <= MOST_SHOWN) return;
    const [oldest] = this.#shownUsers;
    this.#shownUsers.delete(oldest!);
  };

  #sendResync({ connection }: Subscription, reason: string): void {
    const { epoch, offset } = this.#position;
    this.#noteResync(reason);
    this.#sendTo(connection, epoch, [{ offset, event: RESYNC, data: { reason } }]);
  }

  #sendTo(
    connection: Connection,
    epoch: string,
    publications: Publication[],
    from: HandedFrom = "push",
  ): void {
    const send = () => connection.send({ channel: this.name, epoch, publications });
    this.#deliver({ publications: publications.length, receivers: 1, waitedMs: 0 }, send);
    this.#traces.of(this.name)?.handed([connection], publications, from);
  }

  #noteResync(reason: string): void {
    this.#observer.note("resyncSent", { kind: this.kind, reason });
  }

  readonly #deliver = (size: PushSize, send: () => void): void => {
    const { tracer } = this.#observer;
    const pushed = { kind: this.kind, ...size };
    if (tracer === undefined) send();
    else tracer.child("deliver", "internal", attributesOf(pushed), send);
    this.#observer.note("pushSent", pushed);
  };
}

function attributesOf({ kind, publications, receivers, waitedMs }: Facts["pushSent"]): SpanAttributes {
  return {
    "grandstand.channel.kind": kind,
    "grandstand.publications": publications,
    "grandstand.receivers": receivers,
    "grandstand.waited_ms": waitedMs,
  };
}

const RESYNC = "channel.resync";
const PROFILE = "profile.updated";

/** How many shown users a channel remembers. A chat room keeps no more messages than that (`logSize`). */
const MOST_SHOWN = 10_000;

/** The position of a channel without a log. */
const nowhere: Position = { epoch: "", offset: 0 };

function isSame(one: Position, other: Position): boolean {
  return one.epoch === other.epoch && one.offset === other.offset;
}
