import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";
import type { Profile } from "@grandstand/shared/user";
import { toIsoTime } from "../../core/iso-time.js";

/** What Redis knows of a member. State and profile are JSON, "" for none; times are digits, in ms since 1970. */
export interface MemberRecord {
  /** The offset of the join. */
  stay: number;
  since: string;
  /** When state or profile last changed. */
  stamp: string;
  state: string;
  profile: string;
}

/** As the scripts write it: `{stay, since, stamp, state, profile}`. */
export type RecordFields = [stay: string, since: string, stamp: string, state: string, profile: string];

export function recordOf([stay, since, stamp, state, profile]: RecordFields): MemberRecord {
  return { stay: Number(stay), since, stamp, state, profile };
}

export function decodeRecord(encoded: string): MemberRecord {
  return recordOf(JSON.parse(encoded) as RecordFields);
}

/** A member as callers see it. */
export function memberOf(user: string, { since, state, profile }: MemberRecord): PresenceMember {
  return {
    user,
    state: parsed<JsonObject>(state),
    since: toIsoTime(since),
    profile: parsed<Profile>(profile),
  };
}

/** About how many bytes of members one reply or digest holds: a reader's queue takes it (CH7). */
export const MESSAGE_BYTES = 131_072;

/** What surrounds the texts of a member in a message. */
const FRAME_BYTES = 80;

/** About how many bytes a member takes in a message; without a record its id alone. */
export function bytesOf(user: string, record: MemberRecord | null): number {
  const id = Buffer.byteLength(user);
  return record ? FRAME_BYTES + id + Buffer.byteLength(record.state) + Buffer.byteLength(record.profile) : id;
}

function parsed<T>(text: string): T | null {
  return text === "" ? null : (JSON.parse(text) as T);
}

/** Users and their records, as scripts list them. */
export function recordsOf(flat: string[]): [user: string, record: MemberRecord][] {
  const records: [string, MemberRecord][] = [];
  for (let at = 0; at < flat.length; at += 2) records.push([flat[at]!, decodeRecord(flat[at + 1]!)]);
  return records;
}
