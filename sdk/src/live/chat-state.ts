import type { RecoveryFailure } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatTyping } from "@grandstand/shared/events/chat";

/** A message as an app shows it, from the moment that it is sent. */
export interface ShownMessage extends Omit<ChatMessage, "offset"> {
  /** Null until the server has given it its place. */
  readonly offset: number | null;
  /** The same from the first moment on, whatever becomes of the message. */
  readonly key: string;
  /** `sending`: not acknowledged yet · `sent`: in the log · `failed`: can be sent again, or discarded. */
  readonly state: "sending" | "sent" | "failed";
  /** Why it failed. */
  readonly error: GrandstandError | null;
}

/** A live room. Messages that did not change are the same objects as before. */
export interface LiveChatState {
  /**
   * `loading`: nothing to show yet · `live`: this is the room · `catchingUp`: connected again, what was missed is
   * being read · `stale`: without a connection · `failed`: the server refuses to show it, or the client is closed.
   */
  readonly status: "loading" | "live" | "catchingUp" | "stale" | "failed";
  /** Oldest first, without gaps or repeats; own messages that are on their way stand at the end. */
  readonly messages: readonly ShownMessage[];
  /** Whether there are older messages to load. */
  readonly hasMore: boolean;
  readonly isLoadingOlder: boolean;
  /** Who else writes now. */
  readonly typing: readonly ChatTyping[];
  /**
   * Why the list began anew without what lay between; null when it never had to. What is still in the log can be
   * loaded as older messages.
   */
  readonly lost: RecoveryFailure | null;
  /** Why the room is not live, where that is known. */
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
