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
      /** Absent: the state stays as it is. Null clears it. */
      state: presenceState.nullable().optional(),
    }),
    output: z.object({ member: presenceMember }),
    errors: ["forbidden", "conflict"],
  },
  "presence.update": {
    summary: "Change the user's state in a room that this connection has entered",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room, state: presenceState.nullable() }),
    output: z.object({ member: presenceMember }),
    errors: ["forbidden", "conflict"],
  },
  "presence.leave": {
    summary:
      "Leave a room with this connection; with the last one the user leaves at once, without the grace",
    rest: null,
    callers: "authenticated",
    access: { right: "publish", channel: "presence:{room}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ room }),
    output: z.object({
      /** Whether this connection was in the room. */
      left: z.boolean(),
    }),
    errors: ["forbidden"],
  },
  "presence.get": {
    summary: "Read the members of a room, in the order of joining",
    rest: { method: "GET", path: "/presence/{room}" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:{room}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      room,
      limit: z.int().min(1).max(limits.presenceMembersPerPage).default(200),
      /** A `nextCursor` of an earlier page. */
      cursor: z.string().min(1).max(64).optional(),
    }),
    output: z.object({
      /** The number of all members, not only of those on the page. */
      count: z.int(),
      members: z.array(presenceMember),
      nextCursor: z.string().nullable(),
      /** The position at which the page was read; null for a room without presence. */
      position: position.nullable(),
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
    output: z.object({ count: z.int() }),
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
      /** Absent: the state stays as it is. Null clears it. */
      state: presenceState.nullable().optional(),
      /** The name and avatar of the user. Absent: the profile stays as it is. */
      profile: profile.nullable().optional(),
      /** The user leaves after this time, unless a repeat of the call or a connection in the room keeps the user. */
      ttlMs: z.int().min(1_000).max(limits.presenceKeepMs),
    }),
    output: z.object({ member: presenceMember }),
    errors: ["forbidden", "conflict"],
  },
  "presence.drop": {
    summary: "Stop keeping a user in a room; the user leaves at once, unless a connection is in the room",
    rest: { method: "DELETE", path: memberPath },
    callers: "server",
    access: { right: "administer", channel: "presence:{room}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ room, user: memberId }),
    output: z.object({ dropped: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "presence.lookup": {
    summary: "Read whether up to 1,000 users are online, in which rooms, and when they were last seen",
    rest: { method: "POST", path: "/presence/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:*" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({ users: z.array(memberId).min(1).max(limits.usersPerLookup) }),
    bodyLimitBytes: limits.batchBodyBytes,
    output: z.object({
      /** One for each user, in the order of the input. */
      users: z.array(
        z.object({
          user: memberId,
          /** Whether the user is in any room. */
          online: z.boolean(),
          /** The rooms of the user. A user sees only their own. */
          rooms: z.array(room),
          /** When the user was last in a room: now while online; null when never, or more than 30 days ago. */
          lastSeenAt: timestamp.nullable(),
        }),
      ),
    }),
    errors: [],
  },
});
