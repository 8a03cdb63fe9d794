import type { JsonObject } from "@grandstand/shared/json";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Profile } from "@grandstand/shared/user";
import { toIsoTime } from "../../core/iso-time.js";
import type { PackedRows } from "./packed-rows.js";

/** An entry as the scripts reply it. entry-codec.lua describes the bytes of the record. */
export interface Row {
  id: Buffer;
  score: Buffer;
  record: Buffer;
}

/** The sign of a subscore; a lower-case letter with this bit, an upper-case one for the reverse subscore order. */
const LOWER_CASE = 0x20;
const NEGATIVE = 0x61;
const ZERO = 0x62;
/** The bytes of a sequence, and of a time. */
export const SEQUENCE_BYTES = 6;

/** The length of a place. @param sign its first byte */
export function placeLength(sign: number): number {
  return ((sign | LOWER_CASE) === ZERO ? 1 : 9) + SEQUENCE_BYTES;
}

/** The subscore in the place that begins at `from`. */
export function subscoreIn(record: Buffer, from = 0): number {
  const sign = record[from]! | LOWER_CASE;
  if (sign === ZERO) return 0;
  const stored = record.subarray(from + 1, from + 9);
  const encoded = Buffer.from(sign === NEGATIVE ? stored.map((byte) => 255 - byte) : stored).readDoubleBE(0);
  const isReverse = (record[from]! & LOWER_CASE) === 0;
  return isReverse ? -encoded : encoded;
}

/** The ZSET member of a row: its place followed by its id. */
export function rankingMember({ id, record }: Row): Buffer {
  return Buffer.concat([record.subarray(0, placeLength(record[0]!)), id]);
}

/** Negative when `one` ranks ahead of `other` in a board's order, `desc` or `asc`. */
export function compareRows(order: string, one: Row, other: Row): number {
  const [first, second] = order === "desc" ? [other, one] : [one, other];
  const byScore = Number(first.score) - Number(second.score);
  return byScore || Buffer.compare(rankingMember(first), rankingMember(second));
}

/** @param rank from 1 */
export function entryOf({ id, score, record }: Row, rank: number): Entry {
  const at = placeLength(record[0]!);
  const profileFrom = at + 8;
  const profileTo = profileFrom + record.readUInt16BE(at + 6);
  return {
    member: id.toString(),
    score: Number(score),
    subscore: subscoreIn(record),
    rank,
    metadata: parseJson<JsonObject>(record.toString("utf8", profileTo)),
    profile: parseJson<Profile>(record.toString("utf8", profileFrom, profileTo)),
    reachedAt: toIsoTime(record.readUIntBE(at, SEQUENCE_BYTES)),
  };
}

/** The rows of a page, as slices of what Redis replied. */
export function rowsOf(packed: PackedRows): Row[] {
  return Array.from({ length: packed.count }, (_, at) => rowAt(packed, at));
}

export function rowAt(packed: PackedRows, at: number): Row {
  const { bytes } = packed;
  const from = packed.memberFrom(at);
  return {
    id: bytes.subarray(from + placeLength(bytes[from]!), packed.memberTo(at)),
    score: bytes.subarray(packed.scoreFrom(at), packed.scoreTo(at)),
    record: bytes.subarray(packed.recordFrom(at), packed.recordTo(at)),
  };
}

/** Whether two entries have the same score and subscore. */
export function isLevel(one: Row, other: Row): boolean {
  return Number(one.score) === Number(other.score) && pairIn(one).equals(pairIn(other));
}

/** The part of a place that entries with the same subscore share. */
function pairIn({ record }: Row): Buffer {
  return record.subarray(0, placeLength(record[0]!) - SEQUENCE_BYTES);
}

export function isSameRow(one: Row | undefined, other: Row | undefined): boolean {
  if (!one || !other) return one === other;
  return one.id.equals(other.id) && one.score.equals(other.score) && one.record.equals(other.record);
}

/** JSON, or null for an empty text. */
export function parseJson<T>(text: string): T | null {
  return text === "" ? null : (JSON.parse(text) as T);
}
