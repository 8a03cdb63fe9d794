import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type LivePresenceState, loadingPresence } from "./presence-state.js";
import type { LivePresences } from "./room-presence.js";

/** Which part of a room's presence to follow. */
export interface PresenceWatch {
  /** `false` follows only the number of members, which costs the least. */
  members?: boolean | undefined;
  /** The maximum length of the list: it contains the members who joined first. 200 by default. */
  limit?: number | undefined;
}

/**
 * The live members of a room. It subscribes on the server while it has listeners, and unsubscribes shortly
 * after the last listener was removed. All live presences of one room share one subscription.
 */
export interface LivePresence extends Store<LivePresenceState> {
  readonly room: string;
  /** Retries a refused subscription immediately. */
  readonly retry: () => void;
}

const LIMIT = 200;

export function createLivePresence(
  room: string,
  presences: LazyLive<LivePresences>,
  { members = true, limit = LIMIT }: PresenceWatch = {},
): LivePresence {
  const shown = members ? limit : 0;
  const store = presences.store(loadingPresence, (live) => ({
    get: () => live.find(room)?.stateOf(shown) ?? loadingPresence,
    subscribe: (listener) => live.open(room).listen(listener, shown),
  }));
  return { room, ...store, retry: () => presences.loaded?.find(room)?.subscription.retry() };
}
