import type { Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";
import type { User } from "@grandstand/shared/user";
import { ChannelSubscription, type SubscriptionWire } from "../channel/channel-subscription.js";
import { wholeChannel } from "../channel/channel-view.js";
import { LiveChannels } from "../channel/live-channels.js";
import { WatchedChannel } from "../channel/watched-channel.js";
import type { UserFollower } from "./user-follower.js";
import { type LiveUserState, loadingUser } from "./user-state.js";

/** The state keeps at most this many notices. */
const MAX_NOTICES = 50;

export interface UserWire extends SubscriptionWire {
  /** The user to whom the connection belongs. Null until this is known, and null for a connection with an API key. */
  readonly me: User | null;
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

class WatchedUser extends WatchedChannel<LiveUserState> {
  /**
   * Passes all calls to the subscription of the user's channel, which exists once the id of the user is
   * known.
   */
  readonly subscription: WatchedChannel<LiveUserState>["subscription"] = {
    onLive: () => {
      this.#open();
      this.#followed?.subscription.onLive();
    },
    onLost: () => this.#followed?.subscription.onLost(),
    onPush: (push) => this.#followed?.subscription.onPush(push),
    retry: () => this.#followed?.subscription.retry(),
    want: (view) => {
      if (view && this.#wire.isLive) this.#open();
      if (this.#followed) this.#followed.subscription.want(view);
      else if (!view) this.onIdle();
    },
    end: () => this.#followed?.subscription.end(),
  };
  readonly #followers = new Set<UserFollower>();
  readonly #user: string;
  readonly #wire: UserWire;
  /** Null until the id of the user is known. */
  #followed: { channel: string; subscription: ChannelSubscription } | null = null;

  constructor(user: string, wire: UserWire, onUnused: (user: WatchedUser) => void) {
    super(loadingUser, () => onUnused(this));
    this.#user = user;
    this.#wire = wire;
  }

  get channel(): string | undefined {
    return this.#followed?.channel;
  }

  /** Subscribes to the user's channel for a feature, such as the inbox. @returns a function that stops following */
  follow(follower: UserFollower): () => void {
    let reported: LiveUserState["status"] | null = null;
    const report = () => {
      const { status, error } = this.state;
      if (status === reported) return;
      reported = status;
      follower.onFollowing(status, error);
    };
    this.#followers.add(follower);
    const stop = this.listen(report);
    report();
    return () => {
      this.#followers.delete(follower);
      stop();
    };
  }

  override onPublications(publications: Publication[]): void {
    super.onPublications(publications);
    for (const publication of publications) {
      for (const follower of this.#followers) follower.onPublication(publication);
    }
  }

  protected override withSnapshot(before: LiveUserState, snapshot: unknown): LiveUserState {
    const { rooms, notices } = snapshot as UserSnapshot;
    return { ...before, rooms, notices };
  }

  protected override withEvent(before: LiveUserState, { event, data }: Publication): LiveUserState {
    switch (event) {
      case "user.entered": {
        const { room } = data as UserEntered;
        return before.rooms.includes(room) ? before : { ...before, rooms: [...before.rooms, room].sort() };
      }
      case "user.left": {
        const { room } = data as UserLeft;
        return before.rooms.includes(room)
          ? { ...before, rooms: before.rooms.filter((one) => one !== room) }
          : before;
      }
      case "user.notice": {
        const notice = data as UserNotice;
        if (before.notices.some(({ id }) => id === notice.id)) return before;
        return { ...before, notices: [...before.notices, notice].slice(-MAX_NOTICES) };
      }
      default:
        // An event of a newer server, or one that only a follower uses, such as `chat.unread`.
        return before;
    }
  }

  /** Opens the channel of the named user, or of the user to whom the connection belongs now. */
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
    if (this.isWanted) subscription.want(wholeChannel);
  }
}
