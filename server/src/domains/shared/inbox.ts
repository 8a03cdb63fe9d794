import type { ChatRead, ChatUnread } from "@grandstand/shared/events/user";

/** What a user's channel publishes about a room. */
export type InboxPublication =
  | { event: "chat.unread"; data: ChatUnread }
  | { event: "chat.read"; data: ChatRead };

/** Follows the rooms of one user, for the user's channel on this node. */
export interface Inbox {
  /** Takes a message of the user's topic that begins with `INBOX_PREFIX`. */
  receive(message: string): void;
  /** Reads the rooms again, because messages may have been lost. */
  resync(): void;
  close(): void;
}

/** The chat domain implements this. The user domain calls it to get the publications about a user's rooms. */
export interface Inboxes {
  open(user: string, publish: (publication: InboxPublication) => void): Inbox;
}

/** Messages of a user's topic that concern the inbox begin with this. */
export const INBOX_PREFIX = "chat ";
