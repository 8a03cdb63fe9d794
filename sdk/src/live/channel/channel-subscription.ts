import type { Position, Publication, Push } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Outcome } from "../../calls.js";
import { type ChannelView, isSameView, wholeChannel } from "./channel-view.js";
import { LATER, Retry, retryAfter } from "./retry.js";

/** The reply to `channel.subscribe`. */
export type ChannelReply = OutputOf<"channel.subscribe">;

/** Receives what happens to a subscription. */
export interface SubscriptionObserver<View extends ChannelView = ChannelView> {
  /** Where to continue, for a channel with a log; null to begin with a snapshot. */
  resumeFrom?(): Position | null;
  /** The request to subscribe is about to be sent. */
  onAsking?(): void;
  /** The subscription is live. `reply` holds the state of the part that `view` names. */
  onSubscribed(reply: ChannelReply, view: View): void;
  /** Publications after the last known state of the same part. The epoch may be a new one. */
  onPublications(publications: Publication[], view: View, epoch: string): void;
  /** The subscription is not live for now and is tried again. The error is null if the connection was lost. */
  onInterrupted(error: GrandstandError | null): void;
  /** The server refused the subscription. It is tried again from time to time if the refusal may end, such as a ban. */
  onRefused(error: GrandstandError): void;
  /** The channel is not wanted any more, and the server has confirmed the end. */
  onIdle(): void;
}

/** What a subscription needs of the connection. */
export interface SubscriptionWire {
  readonly isLive: boolean;
  /** Sends a request that ends with its connection. `settle` runs before any push that arrives after the reply. */
  request(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void;
  /** The subscription of each channel. A connection can have only one, so a second one is refused. */
  readonly holders?: Map<string, object>;
}

/** A subscription that the server has confirmed on this connection. */
interface Held<View> {
  readonly view: View;
  readonly position: Position;
}

type Phase<View> =
  | { name: "unsubscribed" }
  /** A request has no reply yet. Until it has, the earlier subscription still receives publications. */
  | { name: "asking"; held: Held<View> | null }
  | { name: "live"; held: Held<View> }
  /** Failed, and tried again soon. */
  | { name: "waiting" }
  /** Refused, and tried again from time to time if the refusal may end. */
  | { name: "refused" };

/**
 * The subscription to one channel. It sends one request at a time until the server has the wanted view, and subscribes again
 * on each connection.
 */
export class ChannelSubscription<View extends ChannelView = ChannelView> {
  readonly #channel: string;
  readonly #wire: SubscriptionWire;
  readonly #observer: SubscriptionObserver<View>;
  readonly #retry = new Retry(() => this.#askAgain());
  readonly #refusedRetry = new Retry(() => this.#askAgain(), LATER);
  #wanted: View | null = null;
  #phase: Phase<View> = { name: "unsubscribed" };
  /** The number of this connection. A reply to a request of an earlier one is ignored. */
  #session = 0;
  /** The last refusal since the subscription was live. The observer is told of each refusal once. */
  #refusal: GrandstandError | null = null;

  constructor(channel: string, wire: SubscriptionWire, observer: SubscriptionObserver<View>) {
    this.#channel = channel;
    this.#wire = wire;
    this.#observer = observer;
  }

  /** Sets the part of the channel to follow; null unsubscribes. */
  want(view: View | null): void {
    this.#wanted = view;
    if (this.#phase.name === "refused") this.#enter({ name: "unsubscribed" });
    this.#refusal = null;
    this.#refusedRetry.reset();
    this.#advance();
  }

  /** Subscribes again after a delay, because the known state may be wrong. */
  resync(): void {
    if (this.#phase.name === "asking") this.#phase = { name: "asking", held: null };
    else this.#wait();
  }

  /** Tries a refused subscription again immediately. After a rate limit or an outage, the delay still ends first. */
  retry(): void {
    this.#refusedRetry.reset();
    if (this.#phase.name === "refused") this.#askAgain();
  }

  onLive(): void {
    this.#retry.reset();
    this.#refusedRetry.reset();
    this.#advance();
  }

  onLost(): void {
    this.#reset();
    if (this.#wanted) this.#observer.onInterrupted(null);
    else this.#advance();
  }

  onPush({ epoch, publications }: Push): void {
    const held = this.#held;
    if (!held) return;
    const { view, position } = held;
    // Two publications may have the same offset if both belong to one state of the channel.
    const later = publications.filter(({ offset }) => epoch !== position.epoch || offset >= position.offset);
    if (later.length === 0) return;
    const ended = later.find(({ event }) => event === "channel.ended");
    if (ended && this.#phase.name === "live") {
      this.#onError(GrandstandError.fromWire(ended.data as WireError), view);
      this.#advance();
      return;
    }
    // If a request is under way, its reply decides, so the end is handled like a lost publication.
    if (ended || later.some(({ event }) => event === "channel.resync")) {
      this.resync();
      this.#observer.onInterrupted(null);
      return;
    }
    this.#observer.onPublications(later, view, epoch);
    // The reply does not reset the delay: a channel that answers each subscription with a resync would cause a loop.
    if (this.#held) this.#retry.reset();
  }

  /** Ends the subscription without a request to the server. */
  end(): void {
    this.#wanted = null;
    this.#reset();
    this.#release();
  }

  get #held(): Held<View> | null {
    return this.#phase.name === "live" || this.#phase.name === "asking" ? this.#phase.held : null;
  }

  #enter(phase: Phase<View>): void {
    this.#phase = phase;
    this.#retry.cancel();
    this.#refusedRetry.cancel();
  }

  #reset(): void {
    this.#session += 1;
    this.#refusal = null;
    this.#enter({ name: "unsubscribed" });
  }

  /** Takes the next step towards the wanted view, if a step is possible. */
  #advance(): void {
    const { name } = this.#phase;
    if (name === "asking") return;
    if (this.#wanted === null) {
      if (name === "live") this.#unsubscribe();
      else {
        this.#enter({ name: "unsubscribed" });
        this.#release();
        this.#observer.onIdle();
      }
      return;
    }
    if (!this.#wire.isLive || name === "waiting" || name === "refused") return;
    if (!isSameView(this.#held?.view ?? null, this.#wanted)) this.#subscribe(this.#wanted);
  }

  #askAgain(): void {
    this.#enter({ name: "unsubscribed" });
    this.#advance();
  }

  #subscribe(view: View): void {
    const { holders } = this.#wire;
    if ((holders?.get(this.#channel) ?? this) !== this) {
      const taken = `Another part of this client follows ${this.#channel}, and a connection follows it once`;
      this.#onError(new GrandstandError("conflict", taken), view);
      return;
    }
    holders?.set(this.#channel, this);
    const since = this.#observer.resumeFrom?.() ?? undefined;
    this.#observer.onAsking?.();
    const input = { channel: this.#channel, since, ...(view !== wholeChannel && { view }) };
    this.#ask("channel.subscribe", input, this.#held, (outcome) => {
      if (outcome.ok) this.#onReply(outcome.data as ChannelReply, view);
      else this.#onError(outcome.error, view);
    });
  }

  #unsubscribe(): void {
    // Pushes are ignored from now on, even if the request fails.
    this.#ask("channel.unsubscribe", { channel: this.#channel }, null, () => {
      this.#enter({ name: "unsubscribed" });
    });
  }

  #ask(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    held: Held<View> | null,
    settle: (outcome: Outcome) => void,
  ): void {
    const session = this.#session;
    this.#enter({ name: "asking", held });
    this.#wire.request(operation, input, (outcome) => {
      if (session !== this.#session) return;
      settle(outcome);
      this.#advance();
    });
  }

  #onReply(reply: ChannelReply, view: View): void {
    this.#enter({ name: "live", held: { view, position: reply.position } });
    this.#refusal = null;
    this.#refusedRetry.reset();
    if (this.#wanted) this.#observer.onSubscribed(reply, view);
  }

  #onError(error: GrandstandError, view: View): void {
    // The server ended the earlier subscription before it refused this one.
    this.#enter({ name: "unsubscribed" });
    if (this.#wanted === null) return;
    if (retryAfter(error) === "soon") {
      this.#refusal = null;
      this.#wait(error.retryAfterMs);
      this.#observer.onInterrupted(error);
    } else if (isSameView(view, this.#wanted)) {
      this.#refuse(error);
    }
  }

  #refuse(error: GrandstandError): void {
    const isKnown = this.#refusal?.code === error.code && this.#refusal.message === error.message;
    this.#refusal = error;
    this.#enter({ name: "refused" });
    if (retryAfter(error) === "later") this.#refusedRetry.schedule();
    if (!isKnown) this.#observer.onRefused(error);
  }

  #wait(leastMs?: number): void {
    this.#enter({ name: "waiting" });
    this.#retry.schedule(leastMs);
  }

  #release(): void {
    const { holders } = this.#wire;
    if (holders?.get(this.#channel) === this) holders.delete(this.#channel);
  }
}
