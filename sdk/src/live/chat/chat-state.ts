import type { RecoveryFailure } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatTyping } from "@grandstand/shared/events/chat";

/** A message that a user writes. */
export interface Draft {
  text: string;
  metadata?: ChatMessage["metadata"];
  /** The offset of the message that it replies to. */
  replyTo?: number | null;
}

/** A message as an app shows it, from the moment that it is sent. */
export interface ShownMessage extends Omit<ChatMessage, "offset"> {
  /** Null until the server has given the message its place. */
  readonly offset: number | null;
  /** Stays the same from the first moment on. */
  readonly key: string;
  /** `sending`: not acknowledged yet · `sent`: in the log · `failed`: can be sent again, or discarded. */
  readonly state: "sending" | "sent" | "failed";
  /** Why it failed. */
  readonly error: GrandstandError | null;
}

/** A message in the log, as it is shown. */
export function shownAs(message: ChatMessage, key: string = message.id): ShownMessage {
  return { ...message, key, state: "sent", error: null };
}

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
   * Why the list was restarted and may lack messages; null if it does not. It ends when the next gap was recovered, when
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
