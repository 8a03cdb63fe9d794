import type { ChatRead, ChatUnread } from "@grandstand/shared/events/user";

/** What a user's channel publishes about a room. */
export type InboxPublication =
  | { event: "chat.unread"; data: ChatUnread }
  | { event: "chat.read"; data: ChatRead };

/** The rooms of one user, followed for the user's channel on this node. */
export interface Inbox {
  /** A message of the user's topic that begins with `INBOX_PREFIX`. */
  receive(message: string): void;
  /** Messages may have been missed. */
  resync(): void;
  close(): void;
}

/** Chat follows the rooms of users, and their channels publish what it reports. */
export interface Inboxes {
  open(user: string, publish: (publication: InboxPublication) => void): Inbox;
}

/** Messages of a user's topic that concern the inbox begin with this. */
export const INBOX_PREFIX = "chat ";
