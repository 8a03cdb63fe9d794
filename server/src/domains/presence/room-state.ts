import { type MemberRecord, type RecordFields, recordOf, recordsOf } from "./member.js";
import { readRoomScript } from "./scripts.js";
import type { PresenceStore } from "./store.js";

/**
 * The epoch and the offset of the last change of a room's members, and the number of members after it. `epoch` is "" for a
 * room without presence.
 */
export interface RoomPosition {
  epoch: string;
  offset: number;
  count: number;
}

export interface RoomChange {
  offset: number;
  /** Joined, left or updated. */
  kind: "j" | "l" | "u";
  user: string;
  /** Null for a user who left. */
  record: MemberRecord | null;
}

/** The changes that one run of a script made, with the position after them. */
export interface RoomChanges extends RoomPosition {
  changes: RoomChange[];
}

export interface RoomState extends RoomPosition {
  /** How often users' access to the room has changed, as a decimal number. */
  accessVersion: string;
  /** By user, in the order of the join offsets; null when there are more members than the read may return. */
  members: Map<string, MemberRecord> | null;
}

/** @param known the position up to which the node knows the room; null for none */
export async function readRoom(
  store: PresenceStore,
  known: RoomPosition | null,
  memberLimit: number,
): Promise<RoomState> {
  const { epoch, offset, accessVersion, count, members } = await store.run(readRoomScript, {
    knownEpoch: known?.epoch ?? "",
    knownOffset: known?.offset ?? 0,
    limit: memberLimit,
  });
  return {
    epoch,
    offset: Number(offset),
    accessVersion,
    count: Number(count),
    members: Number(count) > memberLimit ? null : new Map(recordsOf(members)),
  };
}

/** @param content the part of a room's pub/sub message after the word `changes` */
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
