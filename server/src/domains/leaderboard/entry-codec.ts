import type { JsonObject } from "@grandstand/shared/json";
import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Profile } from "@grandstand/shared/user";
import { toIsoTime } from "../../core/iso-time.js";
import type { PackedRows } from "./packed-rows.js";
import { idOf } from "./stored-id.js";

/** An entry as the scripts reply it. entry-codec.lua describes the bytes. */
export interface Row {
  zsetMember: Buffer;
  zsetScore: Buffer;
  /**
   * Empty when the entry has no record. In the rows of a page (`rowsOf`), it is also empty for a bare record. A bare record
   * contains no profile, no metadata and no `reachedAt` (entry-codec.lua).
   */
  record: Buffer;
}

const SEQUENCE_EPOCH_MS = Date.UTC(2026, 0, 1);
const SEQUENCES_PER_MS = 128;
const STEPS_PER_MS = 8;
const LOWEST = -1_000_000;

const WORD = 2 ** 32;
const HALF_WORD = 2 ** 31;
const SIGN_BIT = HALF_WORD;
const FIRST_HIGH = 2 ** 20;
const HIGH_PER_SCORE = 512;
const MAX_STEP = 2 ** 41 - 1;
const MAX_SEQUENCE = 2 ** 48 - 1;
const SEQUENCE_BYTES = 6;
const TIME_BYTES = 6;

const MARK = 1;
const SCORE_AT = 1;
const SIGN_AT = 9;
const SUBSCORE_AT = 10;
const ZERO = 0x62;
const SHORT_PREFIX = 16;
const LONG_PREFIX = 24;
const SHORT_RECORD_BYTES = 14;

const double = new DataView(new ArrayBuffer(8));

/** The part of an entry that the ZSET score and the ZSET member encode. */
export interface Standing {
  score: number;
  subscore: number;
  /** The time that the entry's sequence number stands for, in ms since 1970. */
  sequenceMs: number;
  /** The index at which the id begins. */
  idFrom: number;
}

/**
 * Decodes a ZSET score and a ZSET member.
 * @param bytes a buffer that contains the ZSET member
 * @param from the index at which the ZSET member begins
 */
export function standingOf(order: BoardOrder, bytes: Buffer, from: number, zsetScore: number): Standing {
  return bytes[from] === MARK ? longStanding(order, bytes, from) : denseStanding(order, from, zsetScore);
}

function denseStanding(order: BoardOrder, from: number, zsetScore: number): Standing {
  double.setFloat64(0, zsetScore);
  const [first, second] = [double.getUint32(0), double.getUint32(4)];
  const isNegative = first >= HALF_WORD;
  const high = (isNegative ? WORD - 1 - first : first + HALF_WORD) - FIRST_HIGH;
  const low = isNegative ? WORD - 1 - second : second;
  const stored = (high % HIGH_PER_SCORE) * WORD + low;
  return {
    score: LOWEST + Math.floor(high / HIGH_PER_SCORE),
    subscore: 0,
    sequenceMs: timeOf(order === "desc" ? MAX_STEP - stored : stored, STEPS_PER_MS),
    idFrom: from,
  };
}

function longStanding(order: BoardOrder, bytes: Buffer, from: number): Standing {
  const idFrom = from + (bytes[from + SIGN_AT] === ZERO ? SHORT_PREFIX : LONG_PREFIX);
  const stored = bytes.readUIntBE(idFrom - SEQUENCE_BYTES, SEQUENCE_BYTES);
  return {
    score: sortedDouble(bytes, from + SCORE_AT, bytes[from + SCORE_AT]! < 0x80, SIGN_BIT),
    subscore: subscoreAt(bytes, from),
    sequenceMs: timeOf(order === "desc" ? MAX_SEQUENCE - stored : stored, SEQUENCES_PER_MS),
    idFrom,
  };
}

function timeOf(units: number, unitsPerMs: number): number {
  return SEQUENCE_EPOCH_MS + Math.floor(units / unitsPerMs);
}

function subscoreAt(bytes: Buffer, from: number): number {
  const sign = String.fromCharCode(bytes[from + SIGN_AT]!);
  if (sign === "b") return 0;
  const stored = sortedDouble(bytes, from + SUBSCORE_AT, sign === "a" || sign === "A", 0);
  return sign === "A" || sign === "d" ? -stored : stored;
}

/**
 * Decodes a double that entry-codec.lua encoded so that it sorts as bytes. A negative double has all bits inverted.
 * @param inverted which bits are inverted in the first 4 bytes of a double that is not negative: SIGN_BIT, or 0 for none
 */
function sortedDouble(bytes: Buffer, at: number, isNegative: boolean, inverted: number): number {
  const flipped = isNegative ? WORD - 1 : 0;
  double.setUint32(0, bytes.readUInt32BE(at) ^ (isNegative ? flipped : inverted));
  double.setUint32(4, bytes.readUInt32BE(at + 4) ^ flipped);
  return double.getFloat64(0);
}

/** The part of an entry that its record contains. `profileFrom`, `profileTo` and `to` are indexes in the buffer. */
export interface RecordTexts {
  /** When the score was reached, in ms since 1970; 0 when it is the time of the sequence number. */
  ownTimeMs: number;
  profileFrom: number;
  profileTo: number;
  /** The end of the record. The metadata lies between `profileTo` and `to`. */
  to: number;
}

/**
 * Finds the profile and the metadata of a record.
 * @param bytes a buffer that contains the record between the indexes `from` and `to`
 */
export function textsIn(bytes: Buffer, from: number, to: number): RecordTexts {
  const timeAt = to - from === SHORT_RECORD_BYTES || from === to ? to : from + 1 + bytes[from]!;
  if (timeAt >= to) return { ownTimeMs: 0, profileFrom: to, profileTo: to, to };
  const profileFrom = timeAt + TIME_BYTES + 2;
  return {
    ownTimeMs: bytes.readUIntBE(timeAt, TIME_BYTES),
    profileFrom,
    profileTo: profileFrom + bytes.readUInt16BE(profileFrom - 2),
    to,
  };
}

function standingOfRow(order: BoardOrder, { zsetMember, zsetScore }: Row): Standing {
  return standingOf(order, zsetMember, 0, Number(zsetScore));
}

/** @param rank from 1 */
export function entryOf(order: BoardOrder, row: Row, rank: number): Entry {
  const { score, subscore, sequenceMs, idFrom } = standingOfRow(order, row);
  const { record } = row;
  const { ownTimeMs, profileFrom, profileTo, to } = textsIn(record, 0, record.length);
  return {
    member: idOf(row.zsetMember, idFrom),
    score,
    subscore,
    rank,
    metadata: parseJson<JsonObject>(record.toString("utf8", profileTo, to)),
    profile: parseJson<Profile>(record.toString("utf8", profileFrom, profileTo)),
    reachedAt: toIsoTime(ownTimeMs || sequenceMs),
  };
}

/** Negative when `one` ranks ahead of `other`. */
export function compareRows(order: BoardOrder, one: Row, other: Row): number {
  const [first, second] = order === "desc" ? [other, one] : [one, other];
  return (
    Number(first.zsetScore) - Number(second.zsetScore) || Buffer.compare(first.zsetMember, second.zsetMember)
  );
}

/** The rows of a page, as slices of Redis's reply. */
export function rowsOf(packed: PackedRows): Row[] {
  return Array.from({ length: packed.count }, (_, at) => rowAt(packed, at));
}

export function rowAt(packed: PackedRows, at: number): Row {
  const { bytes } = packed;
  return {
    zsetMember: bytes.subarray(packed.memberFrom(at), packed.memberTo(at)),
    zsetScore: bytes.subarray(packed.zsetScoreFrom(at), packed.zsetScoreTo(at)),
    record: bytes.subarray(packed.recordFrom(at), packed.recordTo(at)),
  };
}

/** Whether two entries have the same score and subscore. */
export function isLevel(one: Row, other: Row): boolean {
  // The board's order is not known here. The order affects only the sequence, so any order will do.
  const [first, second] = [standingOfRow("asc", one), standingOfRow("asc", other)];
  return first.score === second.score && first.subscore === second.subscore;
}

export function isSameRow(one: Row | undefined, other: Row | undefined): boolean {
  if (!one || !other) return one === other;
  return (
    one.zsetMember.equals(other.zsetMember) &&
    one.zsetScore.equals(other.zsetScore) &&
    one.record.equals(other.record)
  );
}

/** Parses JSON; null for an empty text. */
export function parseJson<T>(text: string): T | null {
  return text === "" ? null : (JSON.parse(text) as T);
}
