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
  /** The position to recover from, for a channel with a log; null to begin with a snapshot. */
  resumeFrom?(): Position | null;
  /** Called before the request to subscribe is sent. */
  onRequest?(): void;
  /**
   * Called when the subscription is live. `reply` contains a snapshot of the part of the channel that `view` selects.
   * If `reply.recovered` is true, the reply contains the publications since the position of `resumeFrom` instead.
   */
  onSubscribed(reply: ChannelReply, view: View): void;
  /**
   * Publications that continue the state of this view. `epoch` may differ from the epoch of the last publications.
   */
  onPublications(publications: Publication[], view: View, epoch: string): void;
  /**
   * The subscription was interrupted, and is retried. The error is null if the connection or publications were
   * lost.
   */
  onInterrupted(error: GrandstandError | null): void;
  /**
   * The server refused or ended the subscription, or another part of this client is subscribed to the channel.
   * If the reason may be temporary, such as a ban, the client retries from time to time.
   */
  onRefused(error: GrandstandError): void;
  /** No view is wanted any more, there is no subscription, and no request is under way. */
  onIdle(): void;
}

/** The part of the connection that a subscription uses. */
export interface SubscriptionWire {
  readonly isLive: boolean;
  /**
   * Sends a request, which fails if its connection is lost. The client calls `settle` before it processes any
   * push that arrives after the reply.
   */
  request(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void;
  /**
   * The subscriptions by channel. A connection can have only one subscription to a channel; a second is refused.
   */
  readonly subscriptions?: Map<string, object>;
}

/** A subscription that the server has confirmed on this connection. */
interface Held<View> {
  readonly view: View;
  readonly position: Position;
}

type Phase<View> =
  | { name: "unsubscribed" }
  /**
   * A request has no reply yet. Until the reply, the earlier subscription in `held` still receives
   * publications.
   */
  | { name: "requesting"; held: Held<View> | null }
  | { name: "live"; held: Held<View> }
  /** A request failed, or publications may have been lost. The client soon subscribes again. */
  | { name: "waiting" }
  /** The server refused the subscription. If the reason may be temporary, the client retries from time to time. */
  | { name: "refused" };

/**
 * The subscription to one channel. It sends requests, one at a time, until the server confirms the wanted
 * view. On each new connection it subscribes again.
 */
export class ChannelSubscription<View extends ChannelView = ChannelView> {
  readonly #channel: string;
  readonly #wire: SubscriptionWire;
  readonly #observer: SubscriptionObserver<View>;
  readonly #retry = new Retry(() => this.#requestAgain());
  readonly #refusedRetry = new Retry(() => this.#requestAgain(), LATER);
  #wanted: View | null = null;
  #phase: Phase<View> = { name: "unsubscribed" };
  /** Counts connections, so that a reply that belongs to an earlier connection is ignored. */
  #session = 0;
  /**
   * The refusal that was last reported to the observer; null if the next refusal must be reported in any case.
   * The same refusal is not reported twice in a row.
   */
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

  /**
   * Subscribes again after a delay, because publications may have been lost. If a request to subscribe is under way
   * already, no other is sent.
   */
  resync(): void {
    if (this.#phase.name === "requesting") this.#phase = { name: "requesting", held: null };
    else this.#wait();
  }

  /**
   * Retries a refused subscription immediately. The delay after a rate limit or an outage is not shortened.
   */
  retry(): void {
    this.#refusedRetry.reset();
    if (this.#phase.name === "refused") this.#requestAgain();
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
    // Some publications reuse the offset of the publication before them. Examples are `profile.updated` and
    // `channel.resync`. So a publication with the offset of `position` may be new.
    const later = publications.filter(({ offset }) => epoch !== position.epoch || offset >= position.offset);
    if (later.length === 0) return;
    const ended = later.find(({ event }) => event === "channel.ended");
    if (ended && this.#phase.name === "live") {
      this.#onError(GrandstandError.fromWire(ended.data as WireError), view);
      this.#advance();
      return;
    }
    // During a request, `channel.ended` is not final, because the reply to the request may accept the
    // subscription again.
    if (ended || later.some(({ event }) => event === "channel.resync")) {
      this.resync();
      this.#observer.onInterrupted(null);
      return;
    }
    this.#observer.onPublications(later, view, epoch);
    // The backoff is reset here, and not after the reply to a request. The server may send `channel.resync` after each
    // reply. If each reply reset the backoff, the client would then subscribe in a loop without growing delays.
    if (this.#held) this.#retry.reset();
  }

  /** Ends the subscription without a request to the server. */
  end(): void {
    this.#wanted = null;
    this.#reset();
    this.#release();
  }

  get #held(): Held<View> | null {
    return this.#phase.name === "live" || this.#phase.name === "requesting" ? this.#phase.held : null;
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
    if (name === "requesting") return;
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

  #requestAgain(): void {
    this.#enter({ name: "unsubscribed" });
    this.#advance();
  }

  #subscribe(view: View): void {
    const { subscriptions } = this.#wire;
    if ((subscriptions?.get(this.#channel) ?? this) !== this) {
      const taken = `Another part of this client is subscribed to ${this.#channel}, and a connection has one subscription to a channel`;
      this.#onError(new GrandstandError("conflict", taken), view);
      return;
    }
    subscriptions?.set(this.#channel, this);
    const since = this.#observer.resumeFrom?.() ?? undefined;
    this.#observer.onRequest?.();
    const input = { channel: this.#channel, since, ...(view !== wholeChannel && { view }) };
    this.#request("channel.subscribe", input, this.#held, (outcome) => {
      if (outcome.ok) this.#onReply(outcome.data as ChannelReply, view);
      else this.#onError(outcome.error, view);
    });
  }

  #unsubscribe(): void {
    // Pushes are ignored from now on, even if the request fails.
    this.#request("channel.unsubscribe", { channel: this.#channel }, null, () => {
      this.#enter({ name: "unsubscribed" });
    });
  }

  #request(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    held: Held<View> | null,
    settle: (outcome: Outcome) => void,
  ): void {
    const session = this.#session;
    this.#enter({ name: "requesting", held });
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
    // The server may have ended an earlier subscription to the channel before it refused the new one.
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
    const { subscriptions } = this.#wire;
    if (subscriptions?.get(this.#channel) === this) subscriptions.delete(this.#channel);
  }
}
