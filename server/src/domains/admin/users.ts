import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { UserSummary } from "@grandstand/shared/operations/admin";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { findIds, literally } from "../shared/key-search.js";
import type { Whereabouts } from "../shared/presence-session.js";

type Stores = Pick<DomainDependencies, "redis" | "keys" | "presenceSessions">;

export async function searchUsers(
  { redis, keys, presenceSessions }: Stores,
  { prefix = "", ...page }: ParsedInputOf<"admin.users">,
): Promise<OutputOf<"admin.users">> {
  const pattern = keys.anyUserKey(literally(encodeURIComponent(prefix)));
  const { ids, nextCursor } = await findIds(redis, pattern, (key) => keys.userOfKey(key), page);
  const [whereabouts, sessions] = await Promise.all([
    presenceSessions.read(ids, () => true),
    Promise.all(ids.map((user) => redis.zcard(keys.user(user).sessions))),
  ]);
  return { users: ids.map((user, at) => summaryOf(user, whereabouts[at]!, sessions[at]!)), nextCursor };
}

function summaryOf(
  user: string,
  { isOnline, rooms, lastSeenAtMs }: Whereabouts,
  sessions: number,
): UserSummary {
  return {
    user,
    online: isOnline,
    rooms: rooms.length,
    sessions,
    lastSeenAt: lastSeenAtMs === null ? null : toIsoTime(lastSeenAtMs),
  };
}
