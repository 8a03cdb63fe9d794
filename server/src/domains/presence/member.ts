import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";
import type { Profile } from "@grandstand/shared/user";
import { toIsoTime } from "../../core/iso-time.js";

/** A member as stored in Redis. State and profile are JSON, "" for none; times are digits, in ms since 1970. */
export interface MemberRecord {
  joinOffset: number;
  since: string;
  /** When state or profile last changed. */
  stamp: string;
  state: string;
  profile: string;
}

/** The fields of a member record, in the order in which scripts write them. */
export type RecordFields = [joinOffset: string, since: string, stamp: string, state: string, profile: string];

export function recordOf([joinOffset, since, stamp, state, profile]: RecordFields): MemberRecord {
  return { joinOffset: Number(joinOffset), since, stamp, state, profile };
}

export function decodeRecord(encoded: string): MemberRecord {
  return recordOf(JSON.parse(encoded) as RecordFields);
}

/** Reads the flat list with which a script replies: each user's id, followed by the user's record. */
export function recordsOf(flat: string[]): [user: string, record: MemberRecord][] {
  const records: [string, MemberRecord][] = [];
  for (let at = 0; at < flat.length; at += 2) records.push([flat[at]!, decodeRecord(flat[at + 1]!)]);
  return records;
}

/** A member as clients receive it. */
export function memberOf(user: string, { since, state, profile }: MemberRecord): PresenceMember {
  return {
    user,
    state: parsed<JsonObject>(state),
    since: toIsoTime(since),
    profile: parsed<Profile>(profile),
  };
}

/**
 * About how many bytes of members one reply or one digest contains, so that it fits the queue of a connection. A digest is
 * one publication of many changes.
 */
export const MESSAGE_BYTES = 131_072;

/** About how many bytes a member takes in JSON apart from its id, state and profile. */
const FRAME_BYTES = 80;

/** About how many bytes a member takes in a message. A user who left has no record: only the id takes bytes. */
export function bytesOf(user: string, record: MemberRecord | null): number {
  const id = Buffer.byteLength(user);
  return record ? FRAME_BYTES + id + Buffer.byteLength(record.state) + Buffer.byteLength(record.profile) : id;
}

function parsed<T>(text: string): T | null {
  return text === "" ? null : (JSON.parse(text) as T);
}
