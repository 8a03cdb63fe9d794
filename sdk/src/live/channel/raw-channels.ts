import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  ChatTyping,
  ChatView,
} from "@grandstand/shared/events/chat";
import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
  LeaderboardView,
} from "@grandstand/shared/events/leaderboard";
import type {
  PresenceCount,
  PresenceDigest,
  PresenceLeft,
  PresenceMember,
  PresenceSnapshot,
  PresenceView,
} from "@grandstand/shared/events/presence";
import type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";
import {
  type ChannelReply,
  ChannelSubscription,
  type ChannelView,
  isSameView,
  type SubscriptionObserver,
  type SubscriptionWire,
  wholeChannel,
} from "./channel-subscription.js";
import { type LiveChannel, LiveChannels } from "./live-channels.js";
import { Viewers } from "./viewers.js";

/** What each kind of channel publishes: which view it takes, its snapshot, and the data of its events. */
export interface ChannelKinds {
  leaderboard: {
    view: Partial<LeaderboardView>;
    snapshot: LeaderboardSnapshot;
    events: {
      "leaderboard.updated": LeaderboardUpdated;
      "leaderboard.me": LeaderboardMe;
      "leaderboard.season_closed": LeaderboardSeasonClosed;
    };
  };
  counter: {
    view: Record<string, never>;
    snapshot: CounterSnapshot;
    events: { "counter.updated": CounterUpdated; "counter.threshold": CounterThreshold };
  };
  chat: {
    view: Partial<ChatView>;
    snapshot: ChatSnapshot;
    events: {
      "chat.message": ChatMessage;
      "chat.edited": ChatEdited;
      "chat.deleted": ChatDeleted;
      "chat.reacted": ChatReacted;
      "chat.typing": ChatTyping;
    };
  };
  presence: {
    view: Partial<PresenceView>;
    snapshot: PresenceSnapshot;
    events: {
      "presence.joined": PresenceMember;
      "presence.left": PresenceLeft;
      "presence.updated": PresenceMember;
      "presence.digest": PresenceDigest;
      "presence.count": PresenceCount;
    };
  };
  user: {
    view: Record<string, never>;
    snapshot: UserSnapshot;
    events: { "user.entered": UserEntered; "user.left": UserLeft; "user.notice": UserNotice };
  };
}

/** A channel, such as `chat:lobby`. */
export type ChannelName = `${keyof ChannelKinds}:${string}`;
export type KindOf<C extends ChannelName> = C extends `${infer K extends keyof ChannelKinds}:${string}`
  ? K
  : never;

/** A publication of a kind of channel. `event` says which type `data` has. */
export type PublicationOf<K extends keyof ChannelKinds> = {
  [E in keyof ChannelKinds[K]["events"]]: {
    readonly offset: number;
    readonly event: E;
    readonly data: ChannelKinds[K]["events"][E];
  };
}[keyof ChannelKinds[K]["events"]];

export interface ChannelHandlers<K extends keyof ChannelKinds> {
  /** Which part of the channel to follow. The first subscriber of a channel decides. */
  view?: ChannelKinds[K]["view"];
  /**
   * The state of the channel, which replaces all that was known. It comes at the beginning, and again when publications
   * may have been lost; `lost` then says why a chat room could not continue.
   */
  onSnapshot?(snapshot: ChannelKinds[K]["snapshot"], position: Position, lost: RecoveryFailure | null): void;
  /** What was published after the snapshot, in order, each once. */
  onPublication?(publication: PublicationOf<K>): void;
  /**
   * `live` with every reply of the server; `stale` when the subscription is interrupted; `failed` when the server refuses
   * it, which is tried again from time to time.
   */
  onStatus?(status: "live" | "stale" | "failed", error: GrandstandError | null): void;
}

/** The low-level way to follow a channel. A live view and this one can't follow the same channel at the same time. */
export interface Channel<K extends keyof ChannelKinds> {
  readonly channel: string;
  /** @returns a function that ends the subscription, a second later unless it is subscribed to again */
  subscribe(handlers: ChannelHandlers<K>): () => void;
  /** Asks again at once for what the server refused. */
  retry(): void;
}

const kinds: readonly string[] = [
  "leaderboard",
  "counter",
  "chat",
  "presence",
  "user",
] satisfies (keyof ChannelKinds)[];

/** @throws {GrandstandError} `bad_request` for a name that is no channel's */
export function createChannel<C extends ChannelName>(channel: C, channels: RawChannels): Channel<KindOf<C>> {
  const colon = channel.indexOf(":");
  if (!kinds.includes(channel.slice(0, colon)) || colon === channel.length - 1) {
    throw new GrandstandError(
      "bad_request",
      `channel: ${channel} must be <kind>:<id>, with a kind of ${kinds.join(", ")}`,
    );
  }
  return {
    channel,
    subscribe: (handlers) => channels.open(channel).attach(handlers as Handlers),
    retry: () => channels.find(channel)?.subscription.retry(),
  };
}

/** The channels that a client follows the low-level way, by their whole names. */
export class RawChannels extends LiveChannels<RawChannel> {
  constructor(wire: SubscriptionWire) {
    super("", (channel, onUnused) => new RawChannel(channel, wire, onUnused));
  }
}

interface Handlers {
  view?: ChannelView;
  onSnapshot?(snapshot: unknown, position: Position, lost: RecoveryFailure | null): void;
  onPublication?(publication: Publication): void;
  onStatus?(status: "live" | "stale" | "failed", error: GrandstandError | null): void;
}

class RawChannel implements LiveChannel, SubscriptionObserver {
  readonly subscription: ChannelSubscription;
  readonly #isLog: boolean;
  readonly #onUnused: (channel: RawChannel) => void;
  readonly #viewers = new Viewers<Handlers>(() => this.#want());
  /** Where a chat room continues; null to begin with a snapshot. */
  #position: Position | null = null;
  #hasSnapshot = false;

  constructor(channel: string, wire: SubscriptionWire, onUnused: (channel: RawChannel) => void) {
    this.#isLog = channel.startsWith("chat:");
    this.#onUnused = onUnused;
    this.subscription = new ChannelSubscription(channel, wire, this);
  }

  attach(handlers: Handlers): () => void {
    const [other] = this.#viewers.present;
    if (other && !isSameView(other.view ?? wholeChannel, handlers.view ?? wholeChannel)) {
      const taken = "Another subscriber of this client follows another part of the channel";
      throw new GrandstandError("conflict", `view: ${taken}`);
    }
    // A later subscriber needs a snapshot of its own.
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
      for (const { onSnapshot } of this.#viewers.present) onSnapshot?.(snapshot, position, reason ?? null);
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

  /** The view of those who subscribe; null if there are none. */
  get #view(): ChannelView | null {
    const [first = this.#viewers.all[0]] = this.#viewers.present;
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
      const { offset, event, data } = publication;
      if (this.#position && event !== "chat.typing") {
        if (offset !== this.#position.offset + 1) {
          // Continues from the position that is known, so that nothing is left out.
          this.subscription.resync();
          this.onInterrupted(null);
          return;
        }
        this.#position = { epoch: this.#position.epoch, offset, id: (data as { id: string }).id };
      }
      for (const { onPublication } of this.#viewers.present) onPublication?.(publication);
    }
  }

  #report(status: "live" | "stale" | "failed", error: GrandstandError | null): void {
    for (const { onStatus } of this.#viewers.present) onStatus?.(status, error);
  }
}
