import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveUsers } from "./live-user.js";
import { OWN } from "./user-follower.js";
import { type LiveUserState, loadingUser } from "./user-state.js";

/**
 * The rooms that a user is in, over all devices, and the user's notices. The store subscribes on the server while
 * it has listeners, and unsubscribes shortly after the last listener was removed.
 */
export interface LiveUser extends Store<LiveUserState> {
  /** Retries immediately what the server refused. */
  readonly retry: () => void;
}

/** @param user the client's own user by default. A server with an API key must pass a user id */
export function createLiveUser(users: LazyLive<LiveUsers>, user: string = OWN): LiveUser {
  const store = users.store(loadingUser, (live) => ({
    get: () => live.find(user)?.state ?? loadingUser,
    subscribe: (listener) => live.open(user).listen(listener),
  }));
  return { ...store, retry: () => users.loaded?.find(user)?.subscription.retry() };
}
