import type { Store } from "../../store.js";
import { type LiveChatState, loadingChat } from "./chat-state.js";
import type { LiveRooms } from "./live-room.js";
import type { Draft } from "./outbox.js";

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

/** @param rooms the rooms of the client, each of which exists while it has listeners or sends messages */
export function createLiveChat(room: string, rooms: LiveRooms): LiveChat {
  return {
    room,
    get: () => rooms.find(room)?.state ?? loadingChat,
    subscribe: (listener) => rooms.open(room).listen(listener),
    send: (draft) => rooms.open(room).send(typeof draft === "string" ? { text: draft } : draft),
    retry: (key) => rooms.find(room)?.retry(key),
    discard: (key) => rooms.find(room)?.discard(key),
    loadOlder: async () => rooms.find(room)?.loadOlder(),
    tellTyping: () => rooms.find(room)?.tellTyping(),
    markRead: async () => rooms.find(room)?.markRead(),
  };
}
