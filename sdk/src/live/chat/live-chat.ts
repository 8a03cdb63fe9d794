import { newKey } from "../../idempotency-key.js";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type Draft, type LiveChatState, loadingChat } from "./chat-state.js";
import type { LiveRooms } from "./live-room.js";

/**
 * A live chat room. It subscribes on the server while it has listeners, and unsubscribes shortly after the
 * last listener was removed. All live views of one room share one subscription. Without listeners, `loadOlder`
 * and `markRead` do nothing. The functions don't use `this`.
 */
export interface LiveChat extends Store<LiveChatState> {
  readonly room: string;
  /** Adds a message to the list at once, and sends it. @returns the `key` of the message in the list */
  readonly send: (draft: Draft | string) => string;
  /**
   * Sends a failed message again. The room never gets the message twice. Without a key, retries the
   * subscription to this room, if the server refused the subscription.
   */
  readonly retry: (key?: string) => void;
  /** Removes a failed message from the list. */
  readonly discard: (key: string) => void;
  /**
   * Loads a page of older messages, if there are any. Once more than 2,000 items have arrived since the last
   * call, the list keeps only its last 2,000 messages. An item is a new message, an edit, a deletion or a
   * reaction.
   * @throws {GrandstandError}
   */
  readonly loadOlder: () => Promise<void>;
  /**
   * Shows other users that this user is typing. Call it on each key press: it sends at most one notice in two
   * seconds.
   */
  readonly tellTyping: () => void;
  /** Moves the read mark to the last message in the list. @throws {GrandstandError} */
  readonly markRead: () => Promise<void>;
}

export function createLiveChat(room: string, rooms: LazyLive<LiveRooms>): LiveChat {
  const opened = () => rooms.loaded?.find(room);
  const store = rooms.store(loadingChat, (live) => ({
    get: () => live.find(room)?.state ?? loadingChat,
    subscribe: (listener) => live.open(room).listen(listener),
  }));
  return {
    room,
    ...store,
    send: (draft) => {
      const key = newKey();
      const written = typeof draft === "string" ? { text: draft } : draft;
      rooms.use((live) => {
        live.open(room).send(written, key);
        return undefined;
      });
      return key;
    },
    retry: (key) => opened()?.retry(key),
    discard: (key) => opened()?.discard(key),
    loadOlder: async () => opened()?.loadOlder(),
    tellTyping: () => opened()?.tellTyping(),
    markRead: async () => opened()?.markRead(),
  };
}
