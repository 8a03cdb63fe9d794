import { z } from "zod";
import { position } from "../channels.js";
import { chatRoom } from "../chat-room.js";
import { presenceMember, presenceState } from "../events/presence.js";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { profile } from "../user.js";

const room = chatRoom;
const memberPath = "/presence/{room}/members/{user}";

export const presenceOperations = defineOperations({
  "presence.enter": {
    summary: "Be in a room for as long as this connection lives",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    // It says how things are, so saying it again changes nothing: no key is needed.
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      room,
      state: presenceState
        .nullable()
        .optional()
        .describe("What the user shows of itself. Unchanged when not given; null clears it."),
    }),
    output: z.object({ member: presenceMember.describe("The caller as a member of the room.") }),
    errors: ["forbidden", "conflict"],
  },
  "presence.update": {
    summary: "Change one's state in a room that this connection is in",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({
      room,
      state: presenceState.nullable().describe("The new state; null clears it."),
    }),
    output: z.object({ member: presenceMember.describe("The caller as a member of the room.") }),
    errors: ["forbidden", "conflict"],
  },
  "presence.leave": {
    summary: "Leave a room with this connection; the user leaves at once with the last one",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room }),
    output: z.object({
      left: z.boolean().describe("Whether this connection was in the room."),
    }),
    errors: ["forbidden"],
  },
  "presence.get": {
    summary: "Who is in a room, in the order in which they came",
    rest: { method: "GET", path: "/presence/{room}" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:{room}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      room,
      limit: z
        .int()
        .min(1)
        .max(limits.presenceMembersPerPage)
        .default(200)
        .describe("The number of items in a page."),
      cursor: z.string().min(1).max(64).optional().describe("The `nextCursor` of an earlier page."),
    }),
    output: z.object({
      count: z.int().describe("The number of all members, not only of this page."),
      members: z.array(presenceMember).describe("The members, in the order of their joins."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
      position: position
        .nullable()
        .describe("The position of the state that the page shows; null while nobody ever was in the room."),
    }),
    errors: ["forbidden"],
  },
  "presence.count": {
    summary: "How many users are in a room",
    rest: { method: "GET", path: "/presence/{room}/count" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room }),
    output: z.object({ count: z.int().describe("The number of members.") }),
    errors: ["forbidden"],
  },
  "presence.keep": {
    summary: "Keep a user in a room for a while, for callers without a live connection",
    rest: { method: "PUT", path: memberPath },
    callers: "server",
    access: { right: "administer", channel: "presence:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      room,
      user: memberId,
      state: presenceState
        .nullable()
        .optional()
        .describe("What the user shows of itself. Unchanged when not given; null clears it."),
      profile: profile.nullable().optional().describe("How the user is shown. Unchanged when not given."),
      ttlMs: z
        .int()
        .min(1_000)
        .max(limits.presenceKeepMs)
        .describe(
          "The user leaves after this time, unless it is kept again or has a live connection in the room.",
        ),
    }),
    output: z.object({ member: presenceMember.describe("The user as a member of the room.") }),
    errors: ["forbidden", "conflict"],
  },
  "presence.drop": {
    summary:
      "End what presence.keep began; the user leaves at once unless it has a live connection in the room",
    rest: { method: "DELETE", path: memberPath },
    callers: "server",
    access: { right: "administer", channel: "presence:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ room, user: memberId }),
    output: z.object({ dropped: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "presence.lookup": {
    summary: "Whether up to 1,000 users are online, where, and when they last were",
    rest: { method: "POST", path: "/presence/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:*" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      users: z.array(memberId).min(1).max(limits.usersPerLookup).describe("The ids of the users."),
    }),
    bodyLimitBytes: limits.batchBodyBytes,
    output: z.object({
      users: z
        .array(
          z.object({
            user: memberId,
            online: z.boolean().describe("Whether the user is in any room."),
            rooms: z.array(room).describe("The rooms that the user is in. A user sees only its own."),
            lastSeenAt: timestamp
              .nullable()
              .describe(
                "When the user was last in a room: now while online; null when never or too long ago.",
              ),
          }),
        )
        .describe("One item for each user, in the order of the request."),
    }),
    errors: [],
  },
});
