import type { Erased, ExportedPart } from "../shared/erasure.js";
import type { RecordDependencies } from "./records.js";
import { readState } from "./state.js";

/** The quotas whose counters have the id of a user. */
const USER_QUOTAS = ["user", "creations"];

/** Removes a user's own record: rooms, notices and counters of quotas. */
export async function eraseRecord({ redis, keys }: RecordDependencies, user: string): Promise<Erased> {
  const { meta, rooms, ended, notices } = keys.user(user);
  const [noticeCount, recordCount] = await Promise.all([redis.llen(notices), redis.exists(meta)]);
  await redis.unlink(meta, rooms, ended, notices);
  await Promise.all(USER_QUOTAS.map((quota) => redis.unlink(keys.limit(quota, user))));
  return { records: recordCount, notices: noticeCount };
}

export async function exportRecord(dependencies: RecordDependencies, user: string): Promise<ExportedPart> {
  const { redis, keys } = dependencies;
  const [state, seenAt] = await Promise.all([
    readState(dependencies, user, 0),
    redis.hget(keys.user(user).meta, "seenAt"),
  ]);
  const seen = seenAt === null ? [] : [{ kind: "lastSeen", at: new Date(Number(seenAt)).toISOString() }];
  return {
    lines: [
      ...seen,
      ...state.rooms.map((room) => ({ kind: "room", room })),
      ...state.notices.map(({ notice }) => ({ kind: "notice", ...notice })),
    ],
    nextCursor: null,
  };
}
