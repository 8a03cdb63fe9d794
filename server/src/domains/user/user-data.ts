import type { Erased, ExportedPart } from "../shared/erasure.js";
import type { RecordDependencies } from "./records.js";
import { readState } from "./state.js";

/** The quotas that count by user id. */
const USER_QUOTAS = ["user", "creations"];

/** Removes a user's own record: rooms, notices, the list of chat rooms and the counters of quotas. */
export async function eraseRecord({ redis, keys }: RecordDependencies, user: string): Promise<Erased> {
  const { meta, rooms, ended, notices, chats } = keys.user(user);
  const [noticeCount, recordCount, listedRooms] = await Promise.all([
    redis.llen(notices),
    redis.exists(meta),
    redis.zcard(chats),
  ]);
  await redis.unlink(meta, rooms, ended, notices, chats);
  await Promise.all(USER_QUOTAS.map((quota) => redis.unlink(keys.limit(quota, user))));
  return { records: recordCount, notices: noticeCount, listedRooms };
}

export async function exportRecord(dependencies: RecordDependencies, user: string): Promise<ExportedPart> {
  const { redis, keys } = dependencies;
  const { meta, chats } = keys.user(user);
  const [state, seenAt, listed] = await Promise.all([
    readState(dependencies, user, 0),
    redis.hget(meta, "seenAt"),
    redis.zrange(chats, "0", "-1"),
  ]);
  const seen = seenAt === null ? [] : [{ kind: "lastSeen", at: new Date(Number(seenAt)).toISOString() }];
  return {
    lines: [
      ...seen,
      ...state.rooms.map((room) => ({ kind: "room", room })),
      ...listed.map((room) => ({ kind: "listedRoom", room })),
      ...state.notices.map(({ notice }) => ({ kind: "notice", ...notice })),
    ],
    nextCursor: null,
  };
}
