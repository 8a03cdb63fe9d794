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
import { hasVisibleText, visibleTextRule } from "../visible-text.js";

const DAY_MS = 86_400_000;

/** 1 to 4,000 characters after trimming, one of them visible, kept byte for byte. */
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
  .meta({ minLength: 1 });

const metadata = jsonObject(limits.chatMetadataBytes);
const offset = z.int().min(1);

/** Who may read and write a room. `direct` is the visibility of the rooms `dm:<a>:<b>`, and of no other. */
export const chatVisibility = z.enum(["public", "private", "direct"]);
export const chatRole = z.enum(["member", "moderator"]);

/** A room's settings. */
export const chatRoomConfig = z.strictObject({
  /** By default `direct` for a direct room and `public` for any other. */
  visibility: chatVisibility.optional(),
  /** How many messages the room keeps. */
  logSize: z.int().min(10).max(10_000).default(1_000),
  /** How long the log lives after its last item. */
  retentionMs: z
    .int()
    .min(60_000)
    .max(3_650 * DAY_MS)
    .default(30 * DAY_MS),
  /** Least time between two messages of one user; 0 for none. Moderators are exempt. */
  slowModeMs: z.int().min(0).max(DAY_MS).default(0),
});

const configureInput = chatRoomConfig
  .extend({ room: chatRoom })
  .refine(
    ({ room, visibility }) => visibility === undefined || (visibility === "direct") === isDirect(room),
    {
      path: ["visibility"],
      message: "must be direct for the rooms dm:<a>:<b>, and for no other",
    },
  );

export const chatRoomSettings = z.object({
  room: chatRoom,
  visibility: chatVisibility,
  logSize: z.int(),
  retentionMs: z.int(),
  slowModeMs: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

export const chatMember = z.object({ user: memberId, role: chatRole });

/** The mute and the ban of a user. */
export const chatSanctions = z.object({
  user: memberId,
  muted: z.boolean(),
  /** Null without a mute, or for one without an end. */
  mutedUntil: timestamp.nullable(),
  banned: z.boolean(),
  bannedUntil: timestamp.nullable(),
});

const reactionInput = z.strictObject({ room: chatRoom, offset, emoji });
/** The reaction with this emoji to the message, as it is now. */
const reactionOutput = z.object({
  emoji: z.string(),
  count: z.int(),
  users: z.array(memberId),
  /** False when the user had, or had not, reacted with the emoji already. */
  changed: z.boolean(),
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
      metadata: metadata.nullable().optional(),
      /** The offset of the message that this one replies to. */
      replyTo: offset.nullable().optional(),
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
        before: offset.optional(),
        after: z.int().min(0).optional(),
        /** The offset of a message: only the replies to it. */
        thread: offset.optional(),
        limit: z.int().min(1).max(limits.chatMessagesPerPage).default(50),
      })
      .refine(({ before, after }) => before === undefined || after === undefined, {
        path: ["after"],
        message: "can't be given together with before",
      }),
    output: z.object({
      messages: z.array(chatMessage),
      /** Whether more messages follow: later ones with `after`, earlier ones without. */
      hasMore: z.boolean(),
      /** The end of the room's log; null without a log. */
      position: position.nullable(),
      /** With `thread`: its replies, and those by others after the caller's read mark of the room. */
      thread: z.object({ count: z.int(), unread: z.int() }).optional(),
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
      /** Unchanged when absent; null removes it. */
      metadata: metadata.nullable().optional(),
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
    output: z.object({ deleted: z.literal(true) }),
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
      /** False when the others were told within the last 2 s. */
      sent: z.boolean(),
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
    input: z.strictObject({ room: chatRoom, offset: z.int().min(0) }),
    output: z.object({ offset: z.int() }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.unread": {
    summary: "Count the messages by others after the caller's read mark, for up to 100 rooms",
    rest: { method: "POST", path: "/chat/unread" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{rooms}" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({ rooms: z.array(chatRoom).min(1).max(limits.chatRoomsPerUnread) }),
    output: z.object({
      /** One for each room, in the order of the input. A room that the caller may not read counts 0. */
      rooms: z.array(
        z.object({
          room: chatRoom,
          unread: z.int(),
          /** The caller's read mark; 0 without one. */
          read: z.int(),
        }),
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
      limit: z.int().min(1).max(limits.chatRoomsPerPage).default(50),
      /** A `nextCursor` of an earlier page. */
      cursor: z.string().min(1).max(512).optional(),
    }),
    output: z.object({
      /**
       * Rooms that the user is a member of, has written in or marked as read, and direct rooms with a message. A page may hold
       * fewer than `limit`: rooms that the caller may no longer see are left out.
       */
      rooms: z.array(
        z.object({
          room: chatRoom,
          /** The messages by others after the read mark. */
          unread: z.int(),
          /** The caller's read mark; 0 without one. */
          read: z.int(),
          lastMessage: chatMessage.nullable(),
        }),
      ),
      nextCursor: z.string().nullable(),
    }),
    errors: ["forbidden"],
  },
  "chat.configure": {
    summary: "Create a room, or replace its settings",
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
    output: z.object({ deleted: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "chat.members": {
    summary: "List the members of a room, unordered: about `limit` of them, rarely one twice",
    rest: { method: "GET", path: "/chat/{room}/members" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "chat:{room}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      room: chatRoom,
      limit: z.int().min(1).max(limits.chatMembersPerPage).default(100),
      /** A `nextCursor` of an earlier page. */
      cursor: z.string().min(1).max(512).optional(),
    }),
    output: z.object({ members: z.array(chatMember), nextCursor: z.string().nullable() }),
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
    output: z.object({ removed: z.literal(true) }),
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
      action: z.enum(["mute", "unmute", "ban", "unban"]),
      /** How long a mute or a ban lasts; without an end when absent. */
      ttlMs: z
        .int()
        .min(1)
        .max(3_650 * DAY_MS)
        .optional(),
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
