import { newKey } from "../../idempotency-key.js";
import type { Store } from "../../store.js";
import type { LazyLive } from "../lazy-live.js";
import { type Draft, type LiveChatState, loadingChat } from "./chat-state.js";
import type { LiveRooms } from "./live-room.js";

/**
 * A live room. It subscribes on the server with its first listener, and unsubscribes shortly after the last one has
 * left. All live rooms of one id share one subscription. The functions work without `this`.
 */
export interface LiveChat extends Store<LiveChatState> {
  readonly room: string;
  /** Shows a message at once and sends it. @returns its key in the list */
  readonly send: (draft: Draft | string) => string;
  /**
   * Sends a failed message again. However often it is sent, it is one message. Without a key, it asks again at once for
   * a room that the server refused.
   */
  readonly retry: (key?: string) => void;
  /** Removes a failed message from the list. */
  readonly discard: (key: string) => void;
  /**
   * Loads a page of older messages, if there are any. A list of more than 2,000 messages drops its oldest ones, but not
   * before as many items have arrived since the last call. @throws {GrandstandError}
   */
  readonly loadOlder: () => Promise<void>;
  /** Tells the others that the user is writing. Call it on each key press: it is sent every two seconds at most. */
  readonly tellTyping: () => void;
  /** Marks everything that is shown as read. @throws {GrandstandError} */
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
