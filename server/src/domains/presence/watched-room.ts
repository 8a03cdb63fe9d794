import { type MemberRecord, type RecordFields, recordOf, recordsOf } from "./member.js";
import { watchScript } from "./scripts.js";
import type { PresenceStore } from "./store.js";

/** Where a room stands. `epoch` is "" where nobody ever was. */
export interface PublishedPosition {
  epoch: string;
  offset: number;
  count: number;
}

/** One thing that happened in a room, as presence.lua tells of it. */
export interface RoomChange {
  offset: number;
  kind: "j" | "l" | "u";
  user: string;
  /** Null for one who left. */
  record: MemberRecord | null;
}

export interface RoomChanges extends PublishedPosition {
  changes: RoomChange[];
}

/** Everything that watchers have to know of a room. */
export interface RoomState extends PublishedPosition {
  /** The number of changes of access. */
  access: string;
  /** By user, in the order of their stays; null where they are too many. */
  members: Map<string, MemberRecord> | null;
}

/** @param known up to where watchers know, null for nothing */
export async function readRoom(
  store: PresenceStore,
  known: PublishedPosition | null,
  mostMembers: number,
): Promise<RoomState> {
  const reply = await store.run(watchScript, "", [known?.epoch ?? "", known?.offset ?? 0, mostMembers]);
  const [epoch, offset, access, count, ...members] = reply as [string, string, string, string, ...string[]];
  return {
    epoch,
    offset: Number(offset),
    access,
    count: Number(count),
    members: Number(count) > mostMembers ? null : new Map(recordsOf(members)),
  };
}

/** @param content what follows `changes` in a message */
export function readChanges(content: string): RoomChanges {
  const [, epoch, count, list] = /^(\S+) (\d+) (.*)$/s.exec(content) as unknown as string[];
  const encoded = JSON.parse(list!) as [string, RoomChange["kind"], string, ...RecordFields][];
  const changes = encoded.map(([offset, kind, user, ...fields]) => ({
    offset: Number(offset),
    kind,
    user,
    record: kind === "l" ? null : recordOf(fields),
  }));
  return { epoch: epoch!, offset: changes.at(-1)!.offset, count: Number(count), changes };
}
