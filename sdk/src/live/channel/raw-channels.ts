import type { Position, Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import { type ChannelView, type Handlers, isSameView, wholeChannel } from "./channel-view.js";
import { type LiveChannel, LiveChannels } from "./live-channels.js";
import { Viewers } from "./viewers.js";

/**
 * The channels that an app follows with its own handlers, not with a live view (a store that the SDK keeps up to date). The
 * id of a channel is its full name, such as `chat:lobby`.
 */
export class RawChannels extends LiveChannels<RawChannel> {
  constructor(wire: SubscriptionWire) {
    super("", (channel, onUnused) => new RawChannel(channel, wire, onUnused));
  }
}

class RawChannel implements LiveChannel, SubscriptionObserver {
  readonly subscription: ChannelSubscription;
  readonly #isLog: boolean;
  readonly #onUnused: (channel: RawChannel) => void;
  readonly #viewers = new Viewers<Handlers>(() => this.#want());
  /** The position from which a chat room recovers; null to begin with a snapshot. */
  #position: Position | null = null;
  #hasSnapshot = false;

  constructor(channel: string, wire: SubscriptionWire, onUnused: (channel: RawChannel) => void) {
    this.#isLog = channel.startsWith("chat:");
    this.#onUnused = onUnused;
    this.subscription = new ChannelSubscription(channel, wire, this);
  }

  attach(handlers: Handlers): () => void {
    const [other] = this.#viewers.attached;
    if (other && !isSameView(other.view ?? wholeChannel, handlers.view ?? wholeChannel)) {
      const taken = "Another subscriber of this client follows another part of the channel";
      handlers.onStatus?.("failed", new GrandstandError("conflict", `view: ${taken}`));
      return () => {};
    }
    // A later subscriber needs a snapshot too, so the client subscribes again.
    if (this.#hasSnapshot) this.#readAgain();
    return this.#viewers.listen({ ...handlers });
  }

  end(error: GrandstandError): void {
    this.#viewers.end();
    this.subscription.end();
    this.#report("failed", error);
  }

  reopen(): void {
    this.#viewers.reopen();
    this.#begin();
    this.#want();
  }

  resumeFrom(): Position | null {
    return this.#position;
  }

  onSubscribed({ recovered, reason, position, publications = [], snapshot }: ChannelReply): void {
    if (recovered) this.#take(publications as Publication[]);
    else {
      this.#hasSnapshot = true;
      if (this.#isLog) this.#position = position;
      for (const { onSnapshot } of this.#viewers.attached) onSnapshot?.(snapshot, position, reason ?? null);
    }
    this.#report("live", null);
  }

  onPublications(publications: Publication[]): void {
    this.#take(publications);
  }

  onInterrupted(error: GrandstandError | null): void {
    this.#report("stale", error);
  }

  onRefused(error: GrandstandError): void {
    this.#report("failed", error);
  }

  onIdle(): void {
    this.#begin();
    this.#onUnused(this);
  }

  /** Which part of the channel all subscribers follow; null if there are no subscribers. */
  get #view(): ChannelView | null {
    const [first = this.#viewers.all[0]] = this.#viewers.attached;
    return first ? (first.view ?? wholeChannel) : null;
  }

  #want(): void {
    this.subscription.want(this.#view);
  }

  #begin(): void {
    this.#position = null;
    this.#hasSnapshot = false;
  }

  #readAgain(): void {
    this.#begin();
    this.subscription.resync();
    this.onInterrupted(null);
  }

  #take(publications: Publication[]): void {
    for (const publication of publications) {
      const { offset, data } = publication;
      // An ephemeral publication, such as typing, is not in the log and has no id.
      const { id } = data as { id?: string };
      if (this.#position && id !== undefined) {
        if (offset !== this.#position.offset + 1) {
          // A publication is missing, so the client subscribes again and recovers from its last position.
          this.subscription.resync();
          this.onInterrupted(null);
          return;
        }
        this.#position = { epoch: this.#position.epoch, offset, id };
      }
      for (const { onPublication } of this.#viewers.attached) onPublication?.(publication);
    }
  }

  #report(status: "live" | "stale" | "failed", error: GrandstandError | null): void {
    for (const { onStatus } of this.#viewers.attached) onStatus?.(status, error);
  }
}
