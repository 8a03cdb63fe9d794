import type { GrandstandError } from "@grandstand/shared/errors";
import type { UserNotice } from "@grandstand/shared/events/user";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import type { LiveUsers } from "./live-user.js";

/** The state of a live user. */
export interface LiveUserState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known state, which is being read again ·
   * `failed`: the server refuses to show the user, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The rooms that the user is in, over all devices, by id. */
  readonly rooms: readonly string[];
  /** What servers told the user: the last 50 notices of the last 24 hours, oldest first. */
  readonly notices: readonly UserNotice[];
  /** Why the user is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingUser: LiveUserState = { status: "loading", rooms: [], notices: [], error: null };

/**
 * What concerns one user over all rooms and devices. It subscribes on the server with its first listener, and
 * unsubscribes shortly after the last one has left.
 */
export interface LiveUser extends Store<LiveUserState> {
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

/** Stands for the client's own user, whose id is known once the client is connected. */
const OWN = "";

/** @param user an id, for servers; the client's own user by default */
export function createLiveUser(users: LazyLive<LiveUsers>, user: string = OWN): LiveUser {
  const store = users.store(loadingUser, (live) => ({
    get: () => live.find(user)?.state ?? loadingUser,
    subscribe: (listener) => live.open(user).listen(listener),
  }));
  return { ...store, retry: () => users.loaded?.find(user)?.subscription.retry() };
}
