import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveUsers } from "./live-user.js";
import { type LiveUserState, loadingUser } from "./user-state.js";

/**
 * What concerns one user over all rooms and devices. It subscribes on the server with its first listener, and
 * unsubscribes shortly after the last one has left.
 */
export interface LiveUser extends Store<LiveUserState> {
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

/** Follows the user's channel for another feature. */
export interface UserFollower {
  /** The subscription has another status than before. */
  onFollowing(status: LiveUserState["status"], error: GrandstandError | null): void;
  onPublication(publication: Publication): void;
}

/** Stands for the client's own user, whose id is known once the client is connected. */
export const OWN = "";

/** @param user an id, for servers; the client's own user by default */
export function createLiveUser(users: LazyLive<LiveUsers>, user: string = OWN): LiveUser {
  const store = users.store(loadingUser, (live) => ({
    get: () => live.find(user)?.state ?? loadingUser,
    subscribe: (listener) => live.open(user).listen(listener),
  }));
  return { ...store, retry: () => users.loaded?.find(user)?.subscription.retry() };
}
