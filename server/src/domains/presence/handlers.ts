import { GrandstandError } from "@grandstand/shared/errors";
import { type Call, connectionOf } from "../../core/call.js";
import { profileOf, userOf } from "../../core/caller.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { checkNoOutsider, isOneOfTheTwo, roomForbidden } from "../shared/room-access.js";
import type { MemberUpdate } from "./local-room.js";
import { decodeRecord, memberOf } from "./member.js";
import { readPage } from "./page.js";
import type { Presence } from "./presence.js";
import { dropScript, keepScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

export function presenceHandlers(
  dependencies: DomainDependencies,
  { rooms, registry, dueRooms, recorder }: Pick<Presence, "rooms" | "registry" | "dueRooms" | "recorder">,
): DomainHandlers<"presence"> {
  const storeOf = (room: string) => new PresenceStore(dependencies, room);

  const hasPresence = async (room: string): Promise<boolean> =>
    (await dependencies.redis.exists(dependencies.keys.presence(room).meta)) === 1;

  const enter = async (room: string, update: MemberUpdate, call: Call) => {
    const user = userOf(call.caller, "can be in a room").id;
    checkNoOutsider(call.caller, "presence", room);
    const refusal = rooms.get(room) ? null : dependencies.creationBudget.refusal(call.caller);
    if (refusal && !(await hasPresence(room))) throw refusal;
    const { record, undo } = await registry.enter(room, user, connectionOf(call), update);
    call.afterReply(() => {}, undo);
    return { member: memberOf(user, record) };
  };

  return {
    "presence.enter": ({ room, state }, call) => {
      // A token without a name leaves the profile as it is, because `presence.keep` may have set it.
      const profile = profileOf(call.caller) ?? undefined;
      return enter(room, { state: encodeUpdate(state), profile: encodeUpdate(profile) }, call);
    },

    "presence.update": async ({ room, state }, call) => {
      userOf(call.caller, "can be in a room");
      if (!registry.isIn(room, connectionOf(call))) throw notEntered();
      return enter(room, { state: encodeUpdate(state), profile: "" }, call);
    },

    "presence.leave": async ({ room }, call) => {
      const user = userOf(call.caller, "can be in a room").id;
      return { left: await registry.leave(room, user, connectionOf(call)) };
    },

    "presence.get": ({ room, limit, cursor }, { caller }) => readPage(storeOf(room), caller, limit, cursor),

    "presence.count": async ({ room }, { caller }) => {
      const { count } = await readPage(storeOf(room), caller, 0);
      return { count };
    },

    "presence.keep": async ({ room, user, state, profile, ttlMs }, { idempotency }) => {
      if (!isOneOfTheTwo(room, user)) throw roomForbidden();
      const args = { user, ttlMs, newState: encodeUpdate(state), newProfile: encodeUpdate(profile) };
      // Two scripts are sent without a wait between them, which saves a round trip: first the schedule, then `keepScript`.
      // If only `keepScript` ran, the member could stay in the room after the TTL.
      const [, { epoch, atMs, member }] = await Promise.all([
        dueRooms.schedule(room, ttlMs),
        storeOf(room).write(keepScript, idempotency, args),
      ]);
      const record = decodeRecord(member);
      recorder.begin(room, { epoch, atMs: Number(atMs) }, [{ user, record }]);
      if (profile !== undefined) await dependencies.profiles.setMany([[user, profile]], idempotency);
      return { member: memberOf(user, record) };
    },

    "presence.drop": async ({ room, user }, { idempotency }) => {
      await Promise.all([dueRooms.schedule(room, 0), storeOf(room).write(dropScript, idempotency, { user })]);
      return { dropped: true };
    },

    "presence.lookup": async ({ users }, { caller }) => {
      // The name of a private room is confidential, so a user sees only the rooms that the user is in.
      const showsRooms = (user: string) =>
        caller.kind === "server" || (caller.kind === "user" && caller.user.id === user);
      const found = await dependencies.presenceSessions.read(users, showsRooms);
      return {
        users: found.map(({ isOnline, rooms, lastSeenAtMs }, at) => ({
          user: users[at]!,
          online: isOnline,
          rooms,
          lastSeenAt: lastSeenAtMs === null ? null : toIsoTime(lastSeenAtMs),
        })),
      };
    },
  };
}

/**
 * A value of a member update as JSON. "null" clears the value. If the caller sent no value, "" leaves it as it is.
 */
function encodeUpdate(value: object | null | undefined): string {
  return value === undefined ? "" : JSON.stringify(value);
}

function notEntered(): GrandstandError {
  return new GrandstandError("conflict", "This connection has not entered the room", {
    issues: [{ path: "room", rule: "entered", message: "was not entered by this connection" }],
  });
}
