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
      /** Left as it is when not given; null clears it. */
      state: presenceState.nullable().optional(),
    }),
    output: z.object({ member: presenceMember }),
    errors: ["forbidden", "conflict"],
  },
  "presence.update": {
    summary: "Change one's state in a room that this connection is in",
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
    summary: "Leave a room with this connection; the user leaves at once with the last one",
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
    summary: "Who is in a room, in the order in which they came",
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
      /** All members, not only those of the page. */
      count: z.int(),
      members: z.array(presenceMember),
      nextCursor: z.string().nullable(),
      /** What the page shows is how things were there; null while nobody ever was in the room. */
      position: position.nullable(),
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
    output: z.object({ count: z.int() }),
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
      /** Left as it is when not given; null clears it. */
      state: presenceState.nullable().optional(),
      /** How the user is shown; left as it is when not given. */
      profile: profile.nullable().optional(),
      /** The user leaves then, unless it is kept again before or has a live connection in the room. */
      ttlMs: z.int().min(1_000).max(limits.presenceKeepMs),
    }),
    output: z.object({ member: presenceMember }),
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
    output: z.object({ dropped: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "presence.lookup": {
    summary: "Whether up to 1,000 users are online, where, and when they last were",
    rest: { method: "POST", path: "/presence/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "presence:*" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({ users: z.array(memberId).min(1).max(limits.usersPerLookup) }),
    bodyLimitBytes: limits.batchBodyBytes,
    output: z.object({
      /** One for each user, in the order asked. */
      users: z.array(
        z.object({
          user: memberId,
          /** Whether the user is in any room. */
          online: z.boolean(),
          /** The rooms that the user is in. Users see only their own. */
          rooms: z.array(room),
          /** When the user was last in a room: now while online; null when never, or too long ago. */
          lastSeenAt: timestamp.nullable(),
        }),
      ),
    }),
    errors: [],
  },
});
