import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveUsers } from "./live-user.js";
import { OWN } from "./user-follower.js";
import { type LiveUserState, loadingUser } from "./user-state.js";

/**
 * What concerns one user over all rooms and devices. It subscribes on the server with its first listener, and
 * unsubscribes shortly after the last one has left.
 */
export interface LiveUser extends Store<LiveUserState> {
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

/** @param user an id, for servers; the client's own user by default */
export function createLiveUser(users: LazyLive<LiveUsers>, user: string = OWN): LiveUser {
  const store = users.store(loadingUser, (live) => ({
    get: () => live.find(user)?.state ?? loadingUser,
    subscribe: (listener) => live.open(user).listen(listener),
  }));
  return { ...store, retry: () => users.loaded?.find(user)?.subscription.retry() };
}
