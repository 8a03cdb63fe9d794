import { GrandstandError } from "@grandstand/shared/errors";
import { type Call, connectionOf } from "../../core/call.js";
import type { Caller } from "../../core/caller.js";
import { profileOf, userOf } from "../../core/caller.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { checkNoOutsider, isOneOfTheTwo, roomForbidden, subjectOf } from "../shared/room-access.js";
import type { PresenceContext } from "./context.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { MemberUpdate } from "./local-room.js";
import { decodeRecord, MESSAGE_BYTES, memberOf, recordsOf } from "./member.js";
import type { Presence } from "./presence.js";
import { dropScript, keepScript, pageScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

export function presenceHandlers(context: PresenceContext, presence: Presence): DomainHandlers<"presence"> {
  const { registry, schedule } = presence;
  const storeOf = (room: string) => new PresenceStore(context, room);

  const enter = async (room: string, dress: MemberUpdate, call: Call) => {
    const user = userOf(call.caller, "can be in a room").id;
    checkNoOutsider(call.caller, "presence", room);
    const { record, undo } = await registry.enter(room, user, connectionOf(call), dress);
    call.afterReply(() => {}, undo);
    return { member: memberOf(user, record) };
  };

  const page = async (room: string, caller: Caller, limit: number, cursor?: string) => {
    checkNoOutsider(caller, "presence", room);
    const { epoch, stay } = decodeCursor(cursor);
    const store = storeOf(room);
    const args = [subjectOf(caller), store.grantedTo(caller), epoch, stay, limit, MESSAGE_BYTES];
    const reply = await store.run(pageScript, "", args);
    const [epochNow, offset, count, hasMore, ...flat] = reply as [
      string,
      string,
      string,
      string,
      ...string[],
    ];
    const records = recordsOf(flat);
    return {
      count: Number(count),
      members: records.map(([user, record]) => memberOf(user, record)),
      nextCursor: hasMore === "1" ? encodeCursor(epochNow, records.at(-1)![1].stay) : null,
      position: epochNow === "" ? null : { epoch: epochNow, offset: Number(offset) },
    };
  };

  return {
    "presence.enter": ({ room, state }, call) =>
      // A token without a name leaves the profile that `presence.keep` gave.
      enter(room, { state: dressText(state), profile: dressText(profileOf(call.caller) ?? undefined) }, call),

    "presence.update": async ({ room, state }, call) => {
      userOf(call.caller, "can be in a room");
      if (!registry.isIn(room, connectionOf(call))) throw notIn();
      return enter(room, { state: dressText(state), profile: "" }, call);
    },

    "presence.leave": async ({ room }, call) => {
      const user = userOf(call.caller, "can be in a room").id;
      return { left: await registry.leave(room, user, connectionOf(call)) };
    },

    "presence.get": ({ room, limit, cursor }, { caller }) => page(room, caller, limit, cursor),

    "presence.count": async ({ room }, { caller }) => {
      const { count } = await page(room, caller, 0);
      return { count };
    },

    "presence.keep": async ({ room, user, state, profile, ttlMs }, { idempotency }) => {
      if (!isOneOfTheTwo(room, user)) throw roomForbidden();
      const args = [user, ttlMs, dressText(state), dressText(profile)];
      // Sent together, and the schedule first: nobody is kept whose keeping no node would end.
      const [, reply] = await Promise.all([
        schedule.lookIn(room, ttlMs),
        storeOf(room).write(keepScript, idempotency, args),
      ]);
      const [epoch, at, encoded] = reply as [string, string, string];
      const record = decodeRecord(encoded);
      presence.kept(room, { epoch, atMs: Number(at) }, user, record);
      return { member: memberOf(user, record) };
    },

    "presence.lookup": async ({ users }, { caller }) => {
      // The names of private rooms reveal something, so a user sees only their own rooms.
      const showsRooms = (user: string) =>
        caller.kind === "server" || (caller.kind === "user" && caller.user.id === user);
      const found = await context.stays.read(users, showsRooms);
      return {
        users: found.map(({ isOnline, rooms, lastSeenAtMs }, at) => ({
          user: users[at]!,
          online: isOnline,
          rooms,
          lastSeenAt: lastSeenAtMs === null ? null : toIsoTime(lastSeenAtMs),
        })),
      };
    },

    "presence.drop": async ({ room, user }, { idempotency }) => {
      await Promise.all([schedule.lookIn(room, 0), storeOf(room).write(dropScript, idempotency, [user])]);
      return { dropped: true };
    },
  };
}

/** What a call gives, as JSON: "" when it gives nothing. */
function dressText(given: object | null | undefined): string {
  return given === undefined ? "" : JSON.stringify(given);
}

function notIn(): GrandstandError {
  return new GrandstandError("conflict", "This connection has not entered the room", {
    issues: [{ path: "room", rule: "entered", message: "was not entered by this connection" }],
  });
}
