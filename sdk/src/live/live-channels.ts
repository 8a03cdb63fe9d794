import type { ChannelKind, Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChannelSubscription } from "./channel-subscription.js";

/** A channel that is being watched. */
export interface LiveChannel {
  readonly subscription: ChannelSubscription;
  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void;
}

/** The channels of one kind that a client watches, by id. */
export class LiveChannels<T extends LiveChannel> {
  readonly #prefix: string;
  readonly #create: (id: string, onUnused: (unused: T) => void) => T;
  readonly #channels = new Map<string, T>();
  #ended: GrandstandError | null = null;

  constructor(kind: ChannelKind, create: (id: string, onUnused: (unused: T) => void) => T) {
    this.#prefix = `${kind}:`;
    this.#create = create;
  }

  get size(): number {
    return this.#channels.size;
  }

  find(id: string): T | undefined {
    return this.#channels.get(id);
  }

  /** The watched channel; it stays until its last viewer has left. */
  open(id: string): T {
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
    for (const { subscription } of [...this.#channels.values()]) subscription.onLive();
  }

  onLost(): void {
    for (const { subscription } of [...this.#channels.values()]) subscription.onLost();
  }

  onPush(push: Push): void {
    if (!push.channel.startsWith(this.#prefix)) return;
    this.#channels.get(push.channel.slice(this.#prefix.length))?.subscription.onPush(push);
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    for (const channel of this.#channels.values()) channel.end(error);
  }
}
