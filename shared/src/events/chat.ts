import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";

const metadata = jsonObject(limits.chatMetadataBytes).nullable();
const itemId = z.string();
/** Null for an app's server. */
const sender = memberId.nullable();

/** Who reacted with one emoji. */
export const reaction = z.object({
  count: z.int(),
  /** Up to 100 of them, in the order in which they came. */
  users: z.array(memberId),
});

/** A message as it now is. */
export const chatMessage = z.object({
  id: itemId,
  /** Its place in the room's log, counted from 1. */
  offset: z.int(),
  user: sender,
  /** Empty when it is deleted. */
  text: z.string(),
  metadata,
  /** The offset of the message that this one answers. */
  replyTo: z.int().nullable(),
  /** By Redis's clock; never goes back within a room. */
  sentAt: timestamp,
  editedAt: timestamp.nullable(),
  deleted: z.boolean(),
  reactions: z.record(z.string(), reaction),
  /** How the sender was shown when the message was sent. */
  profile: profile.nullable(),
});

/** How much of a room a subscription begins with. */
export const chatView = z.strictObject({
  /** How many of the last messages the snapshot holds. */
  messages: z.int().min(0).max(limits.chatMessagesPerPage).default(50),
});

/** The last messages, oldest first. */
export const chatSnapshot = z.object({
  messages: z.array(chatMessage),
  /** Whether there are older ones in the log. */
  hasMore: z.boolean(),
});

/** `message` is the offset of the message that it is about; `id` is the item's own, for positions. */
const about = { id: itemId, message: z.int() };

export const chatEvents = {
  "chat.message": chatMessage,
  /** What the message now says. Empty when it was deleted since. */
  "chat.edited": z.object({ ...about, text: z.string(), metadata, editedAt: timestamp }),
  /** The message has neither text, metadata nor reactions any more. */
  "chat.deleted": z.object({ ...about, user: sender, deletedAt: timestamp }),
  /** One user's reaction came (`added`) or went; `count` is how many have this one now. */
  "chat.reacted": z.object({
    ...about,
    emoji: z.string(),
    user: memberId,
    added: z.boolean(),
    count: z.int(),
  }),
  /** Somebody else writes. Not in the log: it carries the offset of the item before it, and no id. */
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
