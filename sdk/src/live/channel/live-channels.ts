import type { Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChannelSubscription } from "./channel-subscription.js";

/** One channel that the client follows. */
export interface LiveChannel {
  /** Receives the events of the connection. `retry` tries a refused subscription again. */
  readonly subscription: Pick<ChannelSubscription, "onLive" | "onLost" | "onPush" | "retry">;
  /** The client is closed. */
  end(error: GrandstandError): void;
  /**
   * The client is open again, perhaps for another user: keeps the listeners, drops the state, and subscribes
   * again.
   */
  reopen(): void;
}

/** The channels of one kind that a client follows, by id. */
export class LiveChannels<Live extends LiveChannel> {
  readonly #prefix: string;
  readonly #create: (id: string, onUnused: (unused: Live) => void) => Live;
  readonly #channels = new Map<string, Live>();
  #ended: GrandstandError | null = null;
  /** Called when a channel is requested. */
  onOpen: () => void = () => {};

  /**
   * @param prefix the part of a channel's name before the id
   * @param create constructs a channel, which calls `onUnused` when it has no listeners and nothing to send
   */
  constructor(prefix: string, create: (id: string, onUnused: (unused: Live) => void) => Live) {
    this.#prefix = prefix;
    this.#create = create;
  }

  get size(): number {
    return this.#channels.size;
  }

  get isUsed(): boolean {
    return this.#channels.size > 0;
  }

  get all(): readonly Live[] {
    return [...this.#channels.values()];
  }

  find(id: string): Live | undefined {
    return this.#channels.get(id);
  }

  /** The channel with this id, which is created if needed, and removed once it is unused. */
  open(id: string): Live {
    this.onOpen();
    const known = this.#channels.get(id);
    if (known) return known;
    const opened = this.#create(id, (unused) => {
      if (this.#channels.get(id) === unused) this.#channels.delete(id);
    });
    this.#channels.set(id, opened);
    if (this.#ended) opened.end(this.#ended);
    return opened;
  }

  onLive(): void {
    for (const { subscription } of this.all) subscription.onLive();
  }

  onLost(): void {
    for (const { subscription } of this.all) subscription.onLost();
  }

  onPush(push: Push): void {
    if (!push.channel.startsWith(this.#prefix)) return;
    this.#channels.get(push.channel.slice(this.#prefix.length))?.subscription.onPush(push);
  }

  /** The connection has a new token, with which refused subscriptions may be allowed. */
  onRefreshed(): void {
    for (const { subscription } of this.all) subscription.retry();
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    for (const channel of this.all) channel.end(error);
  }

  reopen(): void {
    this.#ended = null;
    for (const channel of this.all) channel.reopen();
  }
}
