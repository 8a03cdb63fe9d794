import type { RecoveryFailure } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatTyping } from "@grandstand/shared/events/chat";

/** A message to send. */
export interface Draft {
  text: string;
  metadata?: ChatMessage["metadata"];
  /** The offset of the message to which this message replies. */
  replyTo?: number | null;
}

/** A message as an app shows it. An own message is shown before the server has acknowledged it. */
export interface ShownMessage extends Omit<ChatMessage, "offset"> {
  /** The message's offset in the log; null until the server has acknowledged the message. */
  readonly offset: number | null;
  /** A key for lists in a user interface. It stays the same when a message that is being sent gets its id. */
  readonly key: string;
  /**
   * `sending`: not acknowledged yet · `sent`: in the log · `failed`: refused, or no reply came; see `retry` and
   * `discard` of `LiveChat`.
   */
  readonly state: "sending" | "sent" | "failed";
  /** Why the message failed; null in the other states. */
  readonly error: GrandstandError | null;
}

/** Makes the shown form of a message in the log. */
export function shownAs(message: ChatMessage, key: string = message.id): ShownMessage {
  return { ...message, key, state: "sent", error: null };
}

/** The state of a live room. Messages that did not change stay the same objects. */
export interface LiveChatState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `catchingUp`: connected again, the missed messages
   * are being read · `stale`: the last known messages, without a connection · `failed`: the server refuses to
   * show the room, or the client is closed. If the user gets access later, the room becomes live automatically.
   */
  readonly status: "loading" | "live" | "catchingUp" | "stale" | "failed";
  /** Oldest first, without gaps or repeats. Own messages that are being sent, or have failed, come last. */
  readonly messages: readonly ShownMessage[];
  /** Whether there are older messages to load. */
  readonly hasMore: boolean;
  readonly isLoadingOlder: boolean;
  /** The other users who are typing. */
  readonly typing: readonly ChatTyping[];
  /**
   * Set when recovery failed: the last messages replaced the list, and messages between the old list and the
   * new list may be missing. Null otherwise. It becomes null again after the next successful recovery,
   * `loadOlder` or `markRead`.
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
