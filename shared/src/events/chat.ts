import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";

const metadata = jsonObject(limits.chatMetadataBytes).nullable();
const itemId = z.string();
/** Null for a message or change by an app's server. */
const sender = memberId.nullable();

/** The users who reacted with one emoji. */
export const reaction = z.object({
  count: z.int(),
  /** The first 100 of them, in the order of their reactions. */
  users: z.array(memberId),
});

/** A message as it is now. */
export const chatMessage = z.object({
  id: itemId,
  /** Its offset in the room's log, counted from 1. */
  offset: z.int(),
  user: sender,
  /** Empty when the message is deleted. */
  text: z.string(),
  metadata,
  /** The offset of the message that this one replies to. */
  replyTo: z.int().nullable(),
  /** Redis's time; never goes back within a room. */
  sentAt: timestamp,
  editedAt: timestamp.nullable(),
  deleted: z.boolean(),
  reactions: z.record(z.string(), reaction),
  /** The sender's profile when the message was sent. */
  profile: profile.nullable(),
});

/** What part of a room a subscription begins with. */
export const chatView = z.strictObject({
  /** The number of last messages in the snapshot. */
  messages: z.int().min(0).max(limits.chatMessagesPerPage).default(50),
});

/** The last messages, oldest first. */
export const chatSnapshot = z.object({
  messages: z.array(chatMessage),
  /** Whether the log has older messages. */
  hasMore: z.boolean(),
});

/** `message` is the offset of the changed message; `id` is the item's own, for positions. */
const about = { id: itemId, message: z.int() };

export const chatEvents = {
  "chat.message": chatMessage,
  /** The message's new text. Empty when the message was deleted since. */
  "chat.edited": z.object({ ...about, text: z.string(), metadata, editedAt: timestamp }),
  /** The message has no text, metadata and reactions any more. */
  "chat.deleted": z.object({ ...about, user: sender, deletedAt: timestamp }),
  /** A user added or removed a reaction; `count` is the new number of users with this emoji. */
  "chat.reacted": z.object({
    ...about,
    emoji: z.string(),
    user: memberId,
    added: z.boolean(),
    count: z.int(),
  }),
  /** Another user is typing. Not in the log: it has the offset of the item before it, and no id. */
  "chat.typing": z.object({ user: memberId, profile: profile.nullable() }),
};

export type Reaction = z.infer<typeof reaction>;
export type ChatMessage = z.infer<typeof chatMessage>;
export type ChatView = z.infer<typeof chatView>;
export type ChatSnapshot = z.infer<typeof chatSnapshot>;
export type ChatEdited = z.infer<(typeof chatEvents)["chat.edited"]>;
export type ChatDeleted = z.infer<(typeof chatEvents)["chat.deleted"]>;
export type ChatReacted = z.infer<(typeof chatEvents)["chat.reacted"]>;
export type ChatTyping = z.infer<(typeof chatEvents)["chat.typing"]>;
