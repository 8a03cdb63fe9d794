import type { OutputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";

/** One of the user's rooms: its last message, how many messages of others are unread, and the read mark. */
export type InboxRoom = OutputOf<"chat.rooms">["rooms"][number];

/** The state of a live inbox. Rooms that did not change stay the same objects. */
export interface LiveInboxState {
  /**
   * `loading`: nothing to show yet · `live`: up to date · `stale`: the last known rooms, which are being read again ·
   * `failed`: the server refuses to show them, or the client is closed.
   */
  readonly status: "loading" | "live" | "stale" | "failed";
  /** The rooms that the user is a member of, has written in or marked as read; the latest activity first. */
  readonly rooms: readonly InboxRoom[];
  /** The sum of the unread counts of `rooms`. */
  readonly unread: number;
  /** Whether there are more rooms to load, with older activity. */
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  /** Why the inbox is not live, if that is known. */
  readonly error: GrandstandError | null;
}

export const loadingInbox: LiveInboxState = {
  status: "loading",
  rooms: [],
  unread: 0,
  hasMore: false,
  isLoadingMore: false,
  error: null,
};
