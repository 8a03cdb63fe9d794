import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type LiveInboxState, loadingInbox } from "./inbox-state.js";
import type { LiveInbox } from "./live-inbox.js";

/**
 * The chat rooms of the client's own user, with last message and unread count. While the inbox has listeners,
 * it has one subscription, to the user's channel, for any number of rooms.
 *
 * The first listener starts to load the inbox's code. Before the first listener, `loadMore`, `markRead` and
 * `retry` do nothing. `loadMore` and `markRead` wait while the code is being loaded. No function uses `this`, so
 * `const { loadMore } = inbox` works.
 */
export interface Inbox extends Store<LiveInboxState> {
  /** Loads a page of rooms with older activity, if there are any. @throws {GrandstandError} */
  readonly loadMore: () => Promise<void>;
  /**
   * Moves the read mark of a room to `offset`. For a room in the list, `offset` may be left out: the default is
   * the room's last message.
   * @throws {GrandstandError}
   */
  readonly markRead: (room: string, offset?: number) => Promise<void>;
  /** Retries immediately what the server refused. */
  readonly retry: () => void;
}

export function createInbox(inbox: LazyLive<LiveInbox>): Inbox {
  const store = inbox.store(loadingInbox, (live) => ({
    get: () => live.state,
    subscribe: (listener) => live.listen(listener),
  }));
  return {
    ...store,
    loadMore: async () => (inbox.loaded ?? (await inbox.pending))?.loadMore(),
    markRead: async (room, offset) => (inbox.loaded ?? (await inbox.pending))?.markRead(room, offset),
    retry: () => inbox.loaded?.retry(),
  };
}
