import type { Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";
import type { User } from "@grandstand/shared/user";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "../channel/channel-subscription.js";
import { wholeChannel } from "../channel/channel-view.js";
import { type LiveChannel, LiveChannels } from "../channel/live-channels.js";
import { Viewers } from "../channel/viewers.js";
import { type LiveUserState, loadingUser } from "./user-state.js";

export interface UserWire extends SubscriptionWire {
  /** The client's user; null until it is known, and for a server with an API key. */
  readonly me: User | null;
  /** An event of the client's own user that belongs to another feature. */
  readonly onOtherEvent?: (event: string) => void;
}

/** The users that a client follows. */
export class LiveUsers extends LiveChannels<WatchedUser> {
  constructor(wire: UserWire) {
    super("user:", (user, onUnused) => new WatchedUser(user, wire, onUnused));
  }

  override onPush(push: Parameters<LiveChannels<WatchedUser>["onPush"]>[0]): void {
    for (const user of this.all) if (user.channel === push.channel) user.subscription.onPush(push);
  }
}

/** A user that is followed: one subscription and one state for all listeners. */
class WatchedUser implements LiveChannel, SubscriptionObserver {
  readonly subscription: LiveChannel["subscription"] = {
    onLive: () => {
      this.#open();
      this.#followed?.subscription.onLive();
    },
    onLost: () => this.#followed?.subscription.onLost(),
    onPush: (push) => this.#followed?.subscription.onPush(push),
    retry: () => this.#followed?.subscription.retry(),
  };
  readonly #user: string;
  readonly #wire: UserWire;
  readonly #onUnused: (user: WatchedUser) => void;
  readonly #viewers = new Viewers<{ listener: () => void }>(() => this.#want());
  /** Null until the id is known. */
  #followed: { channel: string; subscription: ChannelSubscription } | null = null;
  #state = loadingUser;

  constructor(user: string, wire: UserWire, onUnused: (user: WatchedUser) => void) {
    this.#user = user;
    this.#wire = wire;
    this.#onUnused = onUnused;
  }

  get state(): LiveUserState {
    return this.#state;
  }

  get channel(): string | undefined {
    return this.#followed?.channel;
  }

  listen(listener: () => void): () => void {
    return this.#viewers.listen({ listener });
  }

  end(error: GrandstandError): void {
    this.#viewers.end();
    this.#followed?.subscription.end();
    this.#become({ ...this.#state, status: "failed", error });
  }

  reopen(): void {
    this.#viewers.reopen();
    this.#become(loadingUser);
    this.#want();
  }

  onSubscribed({ snapshot }: ChannelReply): void {
    const { rooms, notices } = snapshot as UserSnapshot;
    this.#become({ status: "live", rooms, notices, error: null });
  }

  onPublications(publications: Publication[]): void {
    this.#become(publications.reduce(applied, this.#state));
    for (const { event } of publications) {
      if (!event.startsWith("user.")) this.#wire.onOtherEvent?.(event);
    }
  }

  onInterrupted(error: GrandstandError | null): void {
    const isKnown = this.#state.status === "live" || this.#state.status === "stale";
    this.#become({ ...this.#state, status: isKnown ? "stale" : "loading", error });
  }

  onRefused(error: GrandstandError): void {
    this.#become({ ...this.#state, status: "failed", error });
  }

  onIdle(): void {
    this.#onUnused(this);
  }

  #want(): void {
    const isWanted = this.#viewers.all.length > 0;
    if (!isWanted) this.#state = loadingUser;
    if (isWanted && this.#wire.isLive) this.#open();
    if (this.#followed) this.#followed.subscription.want(isWanted ? wholeChannel : null);
    else if (!isWanted) this.#onUnused(this);
  }

  /** Opens the channel of the user whom the connection belongs to by now. */
  #open(): void {
    const id = this.#user || this.#wire.me?.id;
    if (id === undefined) {
      const noUser = "Only a user has a channel of its own; a server names the user";
      this.onRefused(new GrandstandError("bad_request", noUser));
      return;
    }
    const channel = `user:${id}`;
    if (this.#followed?.channel === channel) return;
    this.#followed?.subscription.end();
    const subscription = new ChannelSubscription(channel, this.#wire, this);
    this.#followed = { channel, subscription };
    if (this.#viewers.all.length > 0) subscription.want(wholeChannel);
  }

  #become(state: LiveUserState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const { listener } of this.#viewers.present) listener();
  }
}

const MOST_NOTICES = 50;

function applied(state: LiveUserState, { event, data }: Publication): LiveUserState {
  switch (event) {
    case "user.entered": {
      const { room } = data as UserEntered;
      return state.rooms.includes(room) ? state : { ...state, rooms: [...state.rooms, room].sort() };
    }
    case "user.left": {
      const { room } = data as UserLeft;
      return state.rooms.includes(room)
        ? { ...state, rooms: state.rooms.filter((one) => one !== room) }
        : state;
    }
    case "user.notice": {
      const notice = data as UserNotice;
      if (state.notices.some(({ id }) => id === notice.id)) return state;
      return { ...state, notices: [...state.notices, notice].slice(-MOST_NOTICES) };
    }
    default:
      // An event of a newer server, or of another feature.
      return state;
  }
}
