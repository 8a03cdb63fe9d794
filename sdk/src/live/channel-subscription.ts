import type { Position, Publication, Push } from "@grandstand/shared/channels";
import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import { errorTable, GrandstandError, type WireError } from "@grandstand/shared/errors";
import { Backoff } from "../backoff.js";
import type { Outcome } from "../calls.js";

/** What part of a channel to follow, as its kind knows it. */
export type ChannelView = NonNullable<InputOf<"channel.subscribe">["view"]>;
/** The view of a channel that has no parts. */
export const wholeChannel: ChannelView = {};
export type ChannelReply = OutputOf<"channel.subscribe">;

/** What happens to a subscription, as far as whoever wants it must know. */
export interface SubscriptionObserver<View extends ChannelView = ChannelView> {
  /** Where to go on from, for a channel that has a log and an observer that knows its place in it. */
  resumeFrom?(): Position | null;
  /** It is being asked for, on a connection that is there. */
  onAsking?(): void;
  /** It is live; `reply` holds the state and `view` what part of the channel that is. */
  onSubscribed(reply: ChannelReply, view: View): void;
  /** What was published behind the state last told, of the same part of the channel; the epoch may be another. */
  onPublications(publications: Publication[], view: View, epoch: string): void;
  /** It is not live for now and will be tried again; the error is null when the connection itself was lost. */
  onInterrupted(error: GrandstandError | null): void;
  /** The server refused it. Nothing more happens until it is wanted anew or the connection is another. */
  onRefused(error: GrandstandError): void;
  /** It is no longer wanted, and the server knows. */
  onIdle(): void;
}

/** What a subscription needs of the connection. */
export interface SubscriptionWire {
  readonly isLive: boolean;
  /** A request that ends with its connection. `settle` is called before any push that arrives behind the answer. */
  request(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void;
}

/**
 * One channel's subscription on the wire, brought step by step to what is wanted: one request at a time, the
 * latest wish next, from the start again on each new connection.
 */
export class ChannelSubscription<View extends ChannelView = ChannelView> {
  readonly #channel: string;
  readonly #wire: SubscriptionWire;
  readonly #observer: SubscriptionObserver<View>;
  readonly #backoff = new Backoff();
  #wanted: View | null = null;
  /** What the server has confirmed on this connection; only then do pushes count. */
  #held: View | null = null;
  #position: Position | null = null;
  #isAsking = false;
  #wasRefused = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** The connection's number: answers that belong to an earlier one are void. */
  #session = 0;

  constructor(channel: string, wire: SubscriptionWire, observer: SubscriptionObserver<View>) {
    this.#channel = channel;
    this.#wire = wire;
    this.#observer = observer;
  }

  /** States what part of the channel is wanted; null for nothing. */
  want(view: View | null): void {
    this.#wanted = view;
    this.#wasRefused = false;
    this.#advance();
  }

  /** Gives up what is held and subscribes again, after a delay. */
  resync(): void {
    this.#held = null;
    this.#retryIn(this.#backoff.nextMs());
  }

  onLive(): void {
    this.#backoff.reset();
    this.#advance();
  }

  onLost(): void {
    this.#reset();
    if (this.#wanted) this.#observer.onInterrupted(null);
    else this.#advance();
  }

  onPush({ epoch, publications }: Push): void {
    const held = this.#held;
    const position = this.#position;
    if (!held || !position) return;
    // An offset may come twice, as two publications can stand for one state of the channel.
    const later = publications.filter(({ offset }) => epoch !== position.epoch || offset >= position.offset);
    if (later.length === 0) return;
    const ended = later.find(({ event }) => event === "channel.ended");
    if (ended) {
      this.#onError(GrandstandError.fromWire(ended.data as WireError), held);
      this.#advance();
      return;
    }
    if (later.some(({ event }) => event === "channel.resync")) {
      this.resync();
      this.#observer.onInterrupted(null);
      return;
    }
    this.#observer.onPublications(later, held, epoch);
    // Only here, and not at the reply: a channel that makes every subscriber resync must not be asked in a loop.
    if (this.#held) this.#backoff.reset();
  }

  /** Ends it without a word to the server. */
  end(): void {
    this.#wanted = null;
    this.#reset();
  }

  #reset(): void {
    this.#session += 1;
    this.#held = null;
    this.#isAsking = false;
    this.#wasRefused = false;
    this.#stopRetrying();
  }

  /** Takes the next step towards what is wanted, if one is due. */
  #advance(): void {
    if (this.#isAsking) return;
    if (this.#wanted === null) {
      this.#stopRetrying();
      if (this.#held !== null) this.#unsubscribe();
      else this.#observer.onIdle();
      return;
    }
    const isAtRest =
      this.#wasRefused || this.#retryTimer !== undefined || isSameView(this.#held, this.#wanted);
    if (this.#wire.isLive && !isAtRest) this.#subscribe(this.#wanted);
  }

  #subscribe(view: View): void {
    const since = this.#observer.resumeFrom?.() ?? undefined;
    this.#observer.onAsking?.();
    const input = { channel: this.#channel, since, ...(view !== wholeChannel && { view }) };
    this.#ask("channel.subscribe", input, (outcome) => {
      if (outcome.ok) this.#onReply(outcome.data as ChannelReply, view);
      else this.#onError(outcome.error, view);
    });
  }

  #unsubscribe(): void {
    this.#held = null;
    // Whatever the answer: what is pushed from now on is not looked at.
    this.#ask("channel.unsubscribe", { channel: this.#channel }, () => {});
  }

  #ask(
    operation: "channel.subscribe" | "channel.unsubscribe",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void {
    const session = this.#session;
    this.#isAsking = true;
    this.#wire.request(operation, input, (outcome) => {
      if (session !== this.#session) return;
      this.#isAsking = false;
      settle(outcome);
      this.#advance();
    });
  }

  #onReply(reply: ChannelReply, view: View): void {
    this.#held = view;
    this.#position = reply.position;
    if (this.#wanted) this.#observer.onSubscribed(reply, view);
  }

  #onError(error: GrandstandError, view: View): void {
    // The server ends the earlier subscription before it looks at a new one.
    this.#held = null;
    if (this.#wanted === null) return;
    if (errorTable[error.code]?.retry) {
      this.#retryIn(Math.max(error.retryAfterMs ?? 0, this.#backoff.nextMs()));
      this.#observer.onInterrupted(error);
    } else if (isSameView(view, this.#wanted)) {
      this.#wasRefused = true;
      this.#observer.onRefused(error);
    }
  }

  #retryIn(delayMs: number): void {
    this.#stopRetrying();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#advance();
    }, delayMs);
  }

  #stopRetrying(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }
}

export function isSameView(one: ChannelView | null, other: ChannelView | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
