import type { RecoveryFailure } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatTyping } from "@grandstand/shared/events/chat";
import type { Store } from "../../store.js";
import type { LiveRooms } from "./live-room.js";
import type { Draft, ShownMessage } from "./outbox.js";

/** The state of a live room. Messages that did not change stay the same objects. */
export interface LiveChatState {
  /**
   * `loading`: nothing to show yet · `live`: the present room · `catchingUp`: connected again, the missed messages are
   * being read · `stale`: without a connection · `failed`: the server refuses to show the room, or the client is
   * closed. A room that the user may see later becomes live by itself.
   */
  readonly status: "loading" | "live" | "catchingUp" | "stale" | "failed";
  /** Oldest first, without gaps or repeats. Own messages that are being sent come last. */
  readonly messages: readonly ShownMessage[];
  /** Whether there are older messages to load. */
  readonly hasMore: boolean;
  readonly isLoadingOlder: boolean;
  /** The other users who are writing. */
  readonly typing: readonly ChatTyping[];
  /**
   * Why the list began anew and may lack messages; null if it does not. It ends when the next gap was recovered, when
   * older messages were loaded, or when the room was marked as read.
   */
  readonly lost: RecoveryFailure | null;
  /** Why the room is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingChat: LiveChatState = {
  status: "loading",
  messages: [],
  hasMore: false,
  isLoadingOlder: false,
  typing: [],
  lost: null,
  error: null,
};

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
