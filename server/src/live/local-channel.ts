import type { Position, Publication } from "@grandstand/shared/channels";
import { Audience } from "./audience.js";
import type { SendLoad } from "./send-load.js";
import type { ChannelSource, Feed, Outlet } from "./source.js";
import type { Subscription } from "./subscription.js";

/** One channel as this node knows it: its feed, its local subscriptions and their audiences. */
export class LocalChannel implements Outlet {
  readonly name: string;
  readonly topic: string;
  readonly feed: Feed;
  /** Resolves when Redis has confirmed the subscription to the topic; set by the hub. */
  ready: Promise<void> = Promise.resolve();
  readonly #load: SendLoad;
  readonly #subscriptions = new Set<Subscription>();
  /** Those whose reply is not on the way yet. */
  readonly #beginning = new Set<Subscription>();
  readonly #audiences = new Map<string, Audience>();

  constructor(name: string, id: string, source: ChannelSource, load: SendLoad) {
    this.name = name;
    this.topic = source.topic(id);
    this.#load = load;
    this.feed = source.open(id, this);
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

  /** From now on the subscription receives directly. What it held is sent first. */
  begin(subscription: Subscription, position: Position): void {
    const { connection, audience } = subscription;
    if (!this.has(subscription) || audience === null) return;
    this.#beginning.delete(subscription);
    const members = this.#audiences.get(audience) ?? new Audience(audience, this.name, this.#load);
    this.#audiences.set(audience, members);
    members.add(connection);
    for (const held of subscription.release(position)) connection.send({ channel: this.name, ...held });
  }

  remove(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription)) return;
    this.#beginning.delete(subscription);
    const { audience } = subscription;
    if (audience === null) return;
    this.feed.leave(subscription);
    const members = this.#audiences.get(audience);
    if (!subscription.isLive || !members) return;
    members.remove(subscription.connection);
    if (members.size === 0) this.#audiences.delete(audience);
  }

  publish(audience: string, epoch: string, publications: Publication[]): void {
    for (const subscription of this.#beginning) subscription.hold(audience, epoch, publications);
    this.#audiences.get(audience)?.publish(epoch, publications);
  }

  publishTo(subscription: Subscription, epoch: string, publications: Publication[]): void {
    if (!subscription.isLive) {
      subscription.hold(null, epoch, publications);
      return;
    }
    // What gathers for everyone was published earlier and has to arrive earlier.
    if (subscription.audience !== null) this.#audiences.get(subscription.audience)?.flush();
    subscription.connection.send({ channel: this.name, epoch, publications });
  }
}
