import { z } from "zod";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { profile } from "../user.js";
import { profileEvents } from "./profile.js";

const metadata = jsonObject(limits.chatMetadataBytes).nullable();
const itemId = z.string();
/** Null for a message or change by an app's server. */
const sender = memberId.nullable();

/** The users who reacted with one emoji. */
export const reaction = z
  .object({
    count: z.int().describe("The number of users who reacted with this emoji."),
    users: z.array(memberId).describe("The first 100 of these users, in the order of their reactions."),
  })
  .meta({ id: "Reaction", description: "The reactions to a message with one emoji." });

/** A message as it is now. */
export const chatMessage = z
  .object({
    id: itemId.describe("The id of the message."),
    offset: z.int().describe("The position of the message in the log of the room, counted from 1."),
    user: sender.describe("The sender; null for an API key."),
    text: z.string().describe("The text; empty when the message is deleted."),
    metadata: metadata.describe("What the sender attached, or null."),
    replyTo: z.int().nullable().describe("The offset of the message that this message replies to, or null."),
    sentAt: timestamp.describe(
      "When it was sent, by the clock of Redis. Within a room, these times never decrease.",
    ),
    editedAt: timestamp.nullable().describe("When it was last edited, or null."),
    deleted: z.boolean().describe("Whether the message is deleted."),
    reactions: z.record(z.string(), reaction).describe("The reactions, by emoji."),
    profile: profile.nullable().describe("The profile of the sender now; null when unknown."),
  })
  .meta({ id: "ChatMessage", description: "A message as it is now." });

/** What part of a room a subscription begins with. */
export const chatView = z
  .strictObject({
    messages: z
      .int()
      .min(0)
      .max(limits.chatMessagesPerPage)
      .default(50)
      .describe("The number of latest messages in the snapshot."),
  })
  .meta({ id: "ChatView", description: "What part of a room a subscription begins with." });

/** The last messages, oldest first. */
export const chatSnapshot = z
  .object({
    messages: z.array(chatMessage).describe("The latest messages, oldest first."),
    hasMore: z.boolean().describe("Whether the log has older messages."),
  })
  .meta({ id: "ChatSnapshot", description: "The latest messages of a room." });

/** The fields of every change. `id` is the id of the change's item in the log, not the id of the message. */
const about = {
  id: itemId.describe("The id of this item of the log."),
  message: z.int().describe("The offset of the message that the event is about."),
};

export const chatEvents = {
  ...profileEvents,
  "chat.message": chatMessage,
  /** A message has a new text. */
  "chat.edited": z.object({
    ...about,
    text: z.string().describe("The new text; empty when the message was deleted since."),
    metadata: metadata.describe("The new metadata, or null."),
    editedAt: timestamp.describe("When the message was edited."),
  }),
  /** A message was deleted: it has no text, metadata and reactions any more. */
  "chat.deleted": z.object({
    ...about,
    user: sender.describe("The user who deleted the message; null for an API key."),
    deletedAt: timestamp.describe("When the message was deleted."),
  }),
  /** A user added or removed a reaction; `count` is the new number of users with this emoji. */
  "chat.reacted": z.object({
    ...about,
    emoji: z.string().describe("The emoji."),
    user: memberId.describe("The user who reacted."),
    added: z.boolean().describe("True when the reaction was added, false when it was removed."),
    count: z.int().describe("The number of users who have this reaction now."),
  }),
  /** Another user is typing. The event is not in the log. The event's publication has the offset of the log's last item. */
  "chat.typing": z.object({
    user: memberId.describe("The user who is typing."),
    profile: profile.nullable().describe("The profile of the user; null when unknown."),
  }),
};

export type Reaction = z.infer<typeof reaction>;
export type ChatMessage = z.infer<typeof chatMessage>;
export type ChatView = z.infer<typeof chatView>;
export type ChatSnapshot = z.infer<typeof chatSnapshot>;
export type ChatEdited = z.infer<(typeof chatEvents)["chat.edited"]>;
export type ChatDeleted = z.infer<(typeof chatEvents)["chat.deleted"]>;
export type ChatReacted = z.infer<(typeof chatEvents)["chat.reacted"]>;
export type ChatTyping = z.infer<(typeof chatEvents)["chat.typing"]>;
