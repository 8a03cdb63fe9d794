import type { DomainDependencies } from "../shared/dependencies.js";
import { type Erased, type ExportedPart, forEachInParallel } from "../shared/erasure.js";
import { decodeRecord, memberOf } from "./member.js";
import { eraseMemberScript, readMemberScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

const ROOMS_AT_ONCE = 50;

/** Removes a user from all rooms in the list that Redis keeps for the user (`roomsOf`). */
export async function erasePresence(dependencies: DomainDependencies, user: string): Promise<Erased> {
  let memberships = 0;
  await forEachInParallel(await roomsOf(dependencies, user), ROOMS_AT_ONCE, async (room) => {
    const { erased } = await new PresenceStore(dependencies, room).run(eraseMemberScript, { user });
    memberships += Number(erased);
  });
  return { memberships };
}

export async function exportPresence(dependencies: DomainDependencies, user: string): Promise<ExportedPart> {
  const lines: ExportedPart["lines"] = [];
  await forEachInParallel(await roomsOf(dependencies, user), ROOMS_AT_ONCE, async (room) => {
    const { member } = await new PresenceStore(dependencies, room).run(readMemberScript, { user });
    if (member !== "") lines.push({ kind: "member", room, ...memberOf(user, decodeRecord(member)) });
  });
  return { lines, nextCursor: null };
}

async function roomsOf({ redis, keys }: DomainDependencies, user: string): Promise<string[]> {
  return (await redis.hkeys(keys.user(user).rooms)).sort();
}
