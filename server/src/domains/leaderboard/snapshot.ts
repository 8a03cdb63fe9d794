import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import type { SeasonChoice, Where } from "@grandstand/shared/operations/leaderboard/windows";
import { entryOf, isSameRow, type Row, rowsOf } from "./entry-codec.js";
import { PackedRows } from "./packed-rows.js";
import { entriesOf, orderOf } from "./pages.js";
import { isWhereRefused, nullWhereNotFound } from "./script-errors.js";
import { entriesScript, snapshotScript } from "./scripts.js";
import { type SeasonRecord, seasonOf, seasonRecord } from "./season-record.js";
import type { BoardStore } from "./store.js";
import { storedId } from "./stored-id.js";

/** How many entries of a season the subscribers of the board receive when the season closes. */
const FINAL_TOP = 100;

/** One entry of the top, with its row in Redis. */
export interface Line {
  row: Row;
  entry: Entry;
}

/** The top of a window's open season at one moment. */
export interface WindowSnapshot {
  epoch: string;
  offset: number;
  total: number;
  season: string;
  seasonEndsAtMs: number | null;
  /** How many entries the read requested. */
  top: number;
  lines: Line[];
}

export interface SnapshotReading {
  /** Null when there is no such board or window. */
  snapshot: WindowSnapshot | null;
  /** The entries of the requested members; null for a member without an entry. */
  members: Map<string, Entry | null>;
  /**
   * The window's seasons whose close has an offset above `afterClosing`, earliest close first. Offsets count the changes of
   * the board, and a close is one of these changes.
   */
  closed: SeasonRecord[];
  /** The time from this read to the end of the season's period; null without an end. */
  endsInMs: number | null;
}

/**
 * Reads the top of a window and the entries of some members, in one script. The line of an entry that has not changed is
 * the same object as in `last`.
 */
export async function readSnapshot(
  store: BoardStore,
  choice: SeasonChoice,
  options: {
    top: number;
    members: string[];
    last: WindowSnapshot | null;
    afterClosing: number;
    /** Whether the caller has read this part of the board, `choice`, before. */
    isFollowed: boolean;
  },
): Promise<SnapshotReading> {
  const { top, members, last, afterClosing, isFollowed } = options;
  const args = { top, afterClosing, members: members.map(storedId) };
  const read = await store
    .read(snapshotScript, choice, args)
    // The script refuses a `where` with a field by which the board does not rank. If it refuses the first read, that is an
    // error of the subscriber. A later refusal means that the field was removed from the board's rules, so the part of the
    // board no longer exists.
    .catch((error) => (isFollowed && isWhereRefused(error) ? null : nullWhereNotFound(error)));
  if (read === null) {
    const none = new Map(members.map((member) => [member, null]));
    return { snapshot: null, members: none, closed: [], endsInMs: null };
  }
  const { reply, season } = read;
  const order = orderOf(reply);
  const rows = rowsOf(new PackedRows(reply.rows));
  const closings = reply.closings as unknown as Buffer[];
  const entries = reply.entries as unknown as Buffer[][];
  const endsAtMs = season.period?.endsAtMs ?? null;
  return {
    snapshot: {
      epoch: reply.epoch.toString(),
      offset: Number(reply.offset),
      total: Number(reply.total),
      season: season.season,
      seasonEndsAtMs: endsAtMs,
      top,
      lines: rows.map((row, at): Line => {
        const before = last?.lines[at];
        return before && isSameRow(before.row, row) ? before : { row, entry: entryOf(order, row, at + 1) };
      }),
    },
    members: new Map(members.map((member, at) => [member, ownEntryOf(order, entries[at] ?? [])])),
    closed: closedOf(season.window, closings),
    endsInMs: endsAtMs === null ? null : endsAtMs - Number(reply.nowMs),
  };
}

/** Reads the final top of a closed season, which is empty if the season has been deleted. */
export async function readFinal(
  store: BoardStore,
  record: SeasonRecord,
  where: Where | undefined,
): Promise<{ closed: Season; top: Entry[] }> {
  const { window, season } = record;
  const args = { rule: "ordinal", offset: 0, limit: FINAL_TOP };
  const read = await store.read(entriesScript, { window, season, where }, args).catch(nullWhereNotFound);
  const top = read ? entriesOf("ordinal", read.reply, new PackedRows(read.reply.rows)) : [];
  return { closed: seasonOf(record), top };
}

/**
 * The entries of `after` that differ from the entry at the same rank of `before`. If `before` is null or has another epoch
 * or season, these are all entries of `after`.
 */
export function changedEntries(before: WindowSnapshot | null, after: WindowSnapshot | null): Entry[] {
  if (after === null) return [];
  const isComparable = before?.epoch === after.epoch && before.season === after.season;
  return after.lines
    .filter((line, at) => !isComparable || line !== before.lines[at])
    .map((line) => line.entry);
}

function ownEntryOf(order: BoardOrder, [rank, zsetMember, zsetScore, record]: Buffer[]): Entry | null {
  return zsetMember && zsetScore && record
    ? entryOf(order, { zsetMember, zsetScore, record }, Number(rank))
    : null;
}

function closedOf(window: string, flat: Buffer[]): SeasonRecord[] {
  const records: SeasonRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    records.push(seasonRecord(window, String(flat[at]), String(flat[at + 1])));
  }
  return records.sort((one, other) => one.closingOffset! - other.closingOffset!);
}
