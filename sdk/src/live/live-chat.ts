import type { Store } from "../store.js";
import { type LiveChatState, loadingChat } from "./chat-state.js";
import type { LiveRooms } from "./live-rooms.js";
import type { Draft } from "./outbox.js";

/**
 * A live room. The first listener begins the subscription; it ends shortly after the last has left. All who
 * follow a room through one client share it. The functions work without their `this`.
 */
export interface LiveChat extends Store<LiveChatState> {
  readonly room: string;
  /** Shows a message at once and sends it. @returns its key in the list */
  readonly send: (draft: Draft | string) => string;
  /** Sends a message that failed once more. It is one message, however often it is sent. */
  readonly retry: (key: string) => void;
  /** Gives a message up that failed. */
  readonly discard: (key: string) => void;
  /**
   * Loads a page of older messages before the list, if there are any. A list that is longer than 2,000 lets its oldest
   * go, but not before as many items of the log have come since the last call. @throws {GrandstandError}
   */
  readonly loadOlder: () => Promise<void>;
  /** Tells the others that one writes. Call it at each key: it is sent every two seconds at most. */
  readonly tellTyping: () => void;
  /** Marks all that is shown as read. @throws {GrandstandError} */
  readonly markRead: () => Promise<void>;
}

/** @param rooms what the client follows: a room is there while somebody listens, or something is being sent */
export function createLiveChat(room: string, rooms: LiveRooms): LiveChat {
  return {
    room,
    get: () => rooms.find(room)?.state ?? loadingChat,
    subscribe: (listener) => rooms.open(room).subscribe(listener),
    send: (draft) => rooms.open(room).send(typeof draft === "string" ? { text: draft } : draft),
    retry: (key) => rooms.find(room)?.retry(key),
    discard: (key) => rooms.find(room)?.discard(key),
    loadOlder: async () => rooms.find(room)?.loadOlder(),
    tellTyping: () => rooms.find(room)?.tellTyping(),
    markRead: async () => rooms.find(room)?.markRead(),
  };
}
