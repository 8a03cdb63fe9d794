import { randomUUID } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Handlers } from "../../calls/handlers.js";
import { idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { moment } from "../../redis/moment.js";
import { type UserGround, writeRecord } from "./records.js";
import { notifyScript } from "./scripts.js";
import type { Stays } from "./stays.js";

/** What is asked of users as a whole, over all rooms. */
export function userHandlers(
  ground: UserGround,
  stays: Stays,
): Pick<Handlers, "presence.lookup" | "user.notify"> {
  return {
    "presence.lookup": async ({ users }, { caller }) => {
      // The rooms of others may be private, and their names alone tell something.
      const showsRooms = (user: string) =>
        caller.kind === "server" || (caller.kind === "user" && caller.user.id === user);
      const found = await stays.read(users, showsRooms);
      return {
        users: found.map(({ isOnline, rooms, lastSeenAtMs }, at) => ({
          user: users[at]!,
          online: isOnline,
          rooms,
          lastSeenAt: lastSeenAtMs === null ? null : moment(lastSeenAtMs),
        })),
      };
    },

    "user.notify": async ({ user, name, data = null }, { idempotency }) => {
      const { scope, argv } = idempotencyArguments(idempotency);
      const [status, id, sentAt] = await writeRecord(
        ground,
        notifyScript,
        user,
        ({ notices, answer }) => [notices, answer(scope)],
        [
          ...argv,
          randomUUID(),
          name,
          data === null ? "" : JSON.stringify(data),
          limits.userNotices,
          limits.userNoticeTtlMs,
        ],
      );
      refuseReusedKey(status!);
      return { notice: { id: id!, name, data, sentAt: moment(sentAt) } };
    },
  };
}
