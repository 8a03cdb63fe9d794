import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type LiveInboxState, loadingInbox } from "./inbox-state.js";
import type { LiveInbox } from "./live-inbox.js";

/**
 * The rooms of the client's own user, with last message and unread count. However many rooms there are, it costs one
 * subscription, to the user's channel, while it has listeners. The functions work without `this`.
 */
export interface Inbox extends Store<LiveInboxState> {
  /** Loads the next rooms, if there are any. @throws {GrandstandError} */
  readonly loadMore: () => Promise<void>;
  /** Moves the read mark of a room, by default to its last message. @throws {GrandstandError} */
  readonly markRead: (room: string, offset?: number) => Promise<void>;
  /** Asks again at once for what the server refused. */
  readonly retry: () => void;
}

export function createInbox(inbox: LazyLive<LiveInbox>): Inbox {
  const store = inbox.store(loadingInbox, (live) => ({
    get: () => live.state,
    subscribe: (listener) => live.listen(listener),
  }));
  return {
    ...store,
    loadMore: async () => inbox.loaded?.loadMore(),
    markRead: async (room, offset) => inbox.loaded?.markRead(room, offset),
    retry: () => inbox.loaded?.retry(),
  };
}
