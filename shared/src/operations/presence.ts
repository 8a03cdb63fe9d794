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
    summary: "Enter a room with this connection, until it leaves or closes",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    // A repeat changes nothing, so no idempotency key is needed.
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
    summary: "Change the user's state in a room that this connection has entered",
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
    summary:
      "Leave a room with this connection; when it is the user's last one, the user leaves at once, without the grace period",
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
    summary: "Read the members of a room, in the order of their joins",
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
        .describe("The position at which the page was read; null when the room has no presence data."),
    }),
    errors: ["forbidden"],
  },
  "presence.count": {
    summary: "Count the members of a room",
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
    summary: "Keep a user in a room for a time, without a connection",
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
          "The user leaves after this time, unless the call is repeated or the user has a connection in the room.",
        ),
    }),
    output: z.object({ member: presenceMember.describe("The user as a member of the room.") }),
    errors: ["forbidden", "conflict"],
  },
  "presence.drop": {
    summary:
      "Stop keeping a user in a room; the user leaves at once, unless the user has a connection in the room",
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
    summary: "Read whether up to 1,000 users are online, in which rooms, and when they were last seen",
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
            rooms: z
              .array(room)
              .describe("The rooms that the user is in. A caller that is a user gets them only for itself."),
            lastSeenAt: timestamp
              .nullable()
              .describe(
                "When the user was last in a room: now while online; null when never, or more than 30 days ago.",
              ),
          }),
        )
        .describe("One item for each user, in the order of the request."),
    }),
    errors: [],
  },
});
