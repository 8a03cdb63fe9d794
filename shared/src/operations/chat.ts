import { z } from "zod";
import { position } from "../channels.js";
import { chatRoom } from "../chat-room.js";
import { isDirect } from "../direct-rooms.js";
import { emoji } from "../emoji.js";
import { chatMessage } from "../events/chat.js";
import { memberId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { profile } from "../user.js";
import { hasVisibleText, visibleTextRule } from "../visible-text.js";

const DAY_MS = 86_400_000;

/**
 * 1 to 4,000 characters after trimming, at least one of them visible. The text is stored untrimmed, as it was
 * sent.
 */
const text = z
  .string()
  .max(2 * limits.chatTextLength)
  .refine((value) => !/\p{Cs}/u.test(value), { message: "must be well-formed Unicode", abort: true })
  .refine((value) => value.trim() !== "", { message: "must not be blank", abort: true })
  .refine(hasVisibleText, { message: visibleTextRule, abort: true })
  .refine(
    (value) => [...value.trim()].length <= limits.chatTextLength,
    `must have at most ${limits.chatTextLength} characters`,
  )
  .meta({
    id: "ChatText",
    description:
      "1 to 4,000 characters, not counting white space at both ends, and at least one visible. It is kept as it is sent.",
    minLength: 1,
    maxLength: limits.chatTextLength,
  });

const metadata = jsonObject(limits.chatMetadataBytes);
const offset = z.int().min(1).meta({ id: "MessageOffset", description: "The offset of a message." });

/** Who may read and write a room. `direct` is the visibility of the rooms `dm:<a>:<b>`, and of no other. */
export const chatVisibility = z.enum(["public", "private", "direct"]).meta({
  id: "ChatVisibility",
  description: "Who may read and write: everyone, the members, or the two users of a direct room.",
});
export const chatRole = z
  .enum(["member", "moderator"])
  .meta({ id: "ChatRole", description: "The role of a member." });

/** Settings of a room. Those that are not given stay as they are. */
export const chatRoomConfig = z.strictObject({
  visibility: chatVisibility
    .optional()
    .describe(
      "Who may read and write. The default is `direct` for a direct room, and `public` for any other.",
    ),
  logSize: z
    .int()
    .min(10)
    .max(10_000)
    .optional()
    .describe(
      "The number of messages that the room keeps, 1,000 by default. Edits, deletions and reactions do not count.",
    ),
  retentionMs: z
    .int()
    .min(60_000)
    .max(3_650 * DAY_MS)
    .optional()
    .describe("How long the log lives after its last item, 30 days by default."),
  slowModeMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .optional()
    .describe(
      "The least time between two messages of one user; 0 (the default) for none. Moderators are exempt.",
    ),
});

const configureInput = chatRoomConfig
  .extend({ room: chatRoom })
  .refine(
    ({ room, visibility }) => visibility === undefined || (visibility === "direct") === isDirect(room),
    {
      path: ["visibility"],
      message: "must be direct for a room dm:<a>:<b>, and must not be direct for any other room",
    },
  );

export const chatRoomSettings = z
  .object({
    room: chatRoom,
    visibility: chatVisibility,
    logSize: z.int().describe("The number of messages that the room keeps."),
    retentionMs: z.int().describe("How long the log lives after its last item."),
    slowModeMs: z.int().describe("The least time between two messages of one user; 0 for none."),
    createdAt: timestamp.describe("When it was created."),
    updatedAt: timestamp.describe("When its settings last changed."),
  })
  .meta({ id: "ChatRoom", description: "The settings of a room." });

export const chatMember = z
  .object({ user: memberId, role: chatRole })
  .meta({ id: "ChatMember", description: "A member of a room." });

/** The mute and the ban of a user. */
export const chatSanctions = z
  .object({
    user: memberId,
    muted: z.boolean().describe("Whether the user is muted."),
    mutedUntil: timestamp
      .nullable()
      .describe("When the mute ends; null when it has no end or there is no mute."),
    banned: z.boolean().describe("Whether the user is banned."),
    bannedUntil: timestamp
      .nullable()
      .describe("When the ban ends; null when it has no end or there is no ban."),
  })
  .meta({ id: "ChatSanctions", description: "The mute and the ban of a user in a room." });

const reactionInput = z.strictObject({ room: chatRoom, offset, emoji });
/** The users who have this reaction to the message once the call is carried out. */
const reactionOutput = z.object({
  emoji: z.string().describe("The emoji in its full form."),
  count: z.int().describe("The number of users who have this reaction now."),
  users: z.array(memberId).describe("The first 100 of these users, in the order of their reactions."),
  changed: z.boolean().describe("False when the reaction already was as requested."),
});

const unreadRoom = z.object({
  room: chatRoom,
  unread: z.int().describe("The number of messages by others after the read mark."),
  read: z.int().describe("The read mark; 0 when there is none."),
});

const messagePath = "/chat/{room}/messages/{offset}";
const memberPath = "/chat/{room}/members/{user}";

export const chatOperations = defineOperations({
  "chat.send": {
    summary: "Send a message",
    rest: { method: "POST", path: "/chat/{room}/messages" },
    callers: "authenticated",
    access: { right: "publish", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      room: chatRoom,
      text,
      metadata: metadata.nullable().optional().describe("Anything to attach to the message."),
      replyTo: offset
        .nullable()
        .optional()
        .describe("The offset of the message that this message replies to."),
      profile: profile
        .optional()
        .describe("How the sender is shown; for API keys only. A user's own profile comes from the token."),
    }),
    output: z.object({ message: chatMessage }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.history": {
    summary:
      "Read a page of messages as they are now, oldest first: the last ones, or those next to an offset",
    rest: { method: "GET", path: "/chat/{room}/messages" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{room}" },
    isWrite: false,
    cost: 2,
    input: z
      .strictObject({
        room: chatRoom,
        before: offset.optional().describe("Return messages before this offset. Not together with `after`."),
        after: z
          .int()
          .min(0)
          .optional()
          .describe("Return messages after this offset. Not together with `before`."),
        thread: offset.optional().describe("The offset of a message: return only the replies to it."),
        limit: z
          .int()
          .min(1)
          .max(limits.chatMessagesPerPage)
          .default(50)
          .describe("The number of items in a page."),
      })
      .refine(({ before, after }) => before === undefined || after === undefined, {
        path: ["after"],
        message: "can't be given together with before",
      })
      .meta({ not: { required: ["before", "after"] } }),
    output: z.object({
      messages: z.array(chatMessage).describe("The messages, oldest first."),
      hasMore: z
        .boolean()
        .describe(
          "Whether there are more messages in the direction of the page: later ones with `after`, else earlier ones.",
        ),
      position: position.nullable().describe("The end of the log; null while the room never had an item."),
      thread: z
        .object({
          count: z.int().describe("The number of replies that are not deleted."),
          unread: z.int().describe("The replies by others after the caller's read mark of the room."),
        })
        .optional()
        .describe("Counts of the thread, when the request names one."),
    }),
    errors: ["forbidden"],
  },
  "chat.edit": {
    summary: "Edit a message; for its author and moderators",
    rest: { method: "PATCH", path: messagePath },
    callers: "authenticated",
    access: { right: ["publish", "moderate"], channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      room: chatRoom,
      offset,
      text,
      metadata: metadata
        .nullable()
        .optional()
        .describe("The new metadata. Unchanged when not given; null clears it."),
    }),
    output: z.object({ message: chatMessage }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.delete": {
    summary: "Delete a message; for its author and moderators",
    rest: { method: "DELETE", path: messagePath },
    callers: "authenticated",
    access: { right: ["publish", "moderate"], channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ room: chatRoom, offset }),
    output: z.object({ deleted: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.react": {
    summary: "React to a message with an emoji",
    rest: { method: "PUT", path: `${messagePath}/reactions/{emoji}` },
    callers: "authenticated",
    access: { right: "publish", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: reactionInput,
    output: reactionOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.unreact": {
    summary: "Remove a reaction",
    rest: { method: "DELETE", path: `${messagePath}/reactions/{emoji}` },
    callers: "authenticated",
    access: { right: "publish", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: reactionInput,
    output: reactionOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.typing": {
    summary: "Tell the other subscribers of a room that the caller is typing",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "chat:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room: chatRoom }),
    output: z.object({
      sent: z.boolean().describe("False when the last typing event of the caller is less than 2 s old."),
    }),
    errors: ["forbidden"],
  },
  "chat.read": {
    summary: "Mark a room as read up to an offset; the mark never goes back",
    rest: { method: "PUT", path: "/chat/{room}/read" },
    callers: "authenticated",
    access: { right: "publish", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      room: chatRoom,
      offset: z.int().min(0).describe("The offset of the last message that the user has read."),
    }),
    output: z.object({ offset: z.int().describe("The read mark.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.unread": {
    summary: "Count the messages by others after the caller's read mark, for up to 100 rooms",
    rest: { method: "POST", path: "/chat/unread" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{rooms}" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      rooms: z.array(chatRoom).min(1).max(limits.chatRoomsPerUnread).describe("The ids of the rooms."),
    }),
    output: z.object({
      rooms: z
        .array(unreadRoom)
        .describe(
          "One item for each room, in the order of the request. A room that the caller may not read has 0 unread messages.",
        ),
    }),
    errors: ["forbidden"],
  },
  "chat.rooms": {
    summary: "List the caller's rooms, the latest activity first, with last message and unread count",
    rest: { method: "GET", path: "/chat/rooms" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:*" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      limit: z
        .int()
        .min(1)
        .max(limits.chatRoomsPerPage)
        .default(50)
        .describe("The number of rooms in a page."),
      cursor: z.string().min(1).max(512).optional().describe("A `nextCursor` of an earlier page."),
    }),
    output: z.object({
      rooms: z
        .array(
          unreadRoom.extend({
            lastMessage: chatMessage.nullable().describe("The last message; null without one."),
          }),
        )
        .describe(
          "Rooms that the user is a member of, has written in or marked as read, and direct rooms with a message. Rooms that the caller may no longer see are left out, so a page may hold fewer than `limit`.",
        ),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last one."),
    }),
    errors: ["forbidden"],
  },
  "chat.configure": {
    summary: "Create a room, or change its settings: those that are not given stay",
    rest: { method: "PUT", path: "/chat/{room}" },
    callers: "server",
    access: { right: "administer", channel: "chat:{room}" },
    isWrite: true,
    cost: 2,
    input: configureInput,
    output: chatRoomSettings,
    errors: ["forbidden", "conflict"],
  },
  "chat.drop": {
    summary: "Delete a room with its log, members and settings",
    rest: { method: "DELETE", path: "/chat/{room}" },
    callers: "server",
    access: { right: "administer", channel: "chat:{room}" },
    isWrite: true,
    cost: 2,
    input: z.strictObject({ room: chatRoom }),
    output: z.object({ deleted: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.members": {
    summary:
      "List the members of a room, unordered: about `limit` in a page, and a member may rarely come twice",
    rest: { method: "GET", path: "/chat/{room}/members" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{room}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      room: chatRoom,
      limit: z
        .int()
        .min(1)
        .max(limits.chatMembersPerPage)
        .default(100)
        .describe("The number of items in a page."),
      cursor: z.string().min(1).max(512).optional().describe("The `nextCursor` of an earlier page."),
    }),
    output: z.object({
      members: z.array(chatMember).describe("The members."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: ["forbidden"],
  },
  "chat.member": {
    summary: "Read the role of a member",
    rest: { method: "GET", path: memberPath },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room: chatRoom, user: memberId }),
    output: chatMember,
    errors: ["forbidden", "not_found"],
  },
  "chat.setMember": {
    summary: "Add a member to a room, or change the role; moderators add members, servers give any role",
    rest: { method: "PUT", path: memberPath },
    callers: "authenticated",
    access: { right: "moderate", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ room: chatRoom, user: memberId, role: chatRole.default("member") }),
    output: chatMember,
    errors: ["forbidden", "conflict"],
  },
  "chat.removeMember": {
    summary: "Remove a member from a room; members may leave by themselves",
    rest: { method: "DELETE", path: memberPath },
    callers: "authenticated",
    access: { right: ["publish", "moderate"], channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ room: chatRoom, user: memberId }),
    output: z.object({ removed: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.moderate": {
    summary: "Mute or ban a user in a room, with or without an end; for moderators",
    rest: { method: "POST", path: "/chat/{room}/moderation" },
    callers: "authenticated",
    access: { right: "moderate", channel: "chat:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      room: chatRoom,
      user: memberId,
      action: z.enum(["mute", "unmute", "ban", "unban"]).describe("What to do."),
      ttlMs: z
        .int()
        .min(1)
        .max(3_650 * DAY_MS)
        .optional()
        .describe("How long a mute or a ban lasts. No end when not given."),
    }),
    output: chatSanctions,
    errors: ["forbidden", "conflict"],
  },
});

export type ChatRoomConfig = z.infer<typeof chatRoomConfig>;
export type ChatRoomSettings = z.infer<typeof chatRoomSettings>;
export type ChatVisibility = z.infer<typeof chatVisibility>;
export type ChatRole = z.infer<typeof chatRole>;
export type ChatMember = z.infer<typeof chatMember>;
export type ChatSanctions = z.infer<typeof chatSanctions>;
