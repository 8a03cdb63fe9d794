import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import { entryOf, isSameRow, type Row, rowsOf } from "./entry-codec.js";
import { pageOf } from "./pages.js";
import { nullWhereNotFound } from "./refusals.js";
import { entriesScript, viewScript } from "./scripts.js";
import { type SeasonRecord, seasonOf, seasonRecord } from "./season-record.js";
import type { BoardStore } from "./store.js";

/** How many entries the end of a season tells of. */
const FINAL_TOP = 100;

/** A line of a board: what Redis holds, and the entry made of it. */
export interface Line {
  row: Row;
  entry: Entry;
}

/** The top of a window's open season at one moment. Where there is no such board it has neither epoch nor lines. */
export interface BoardView {
  epoch: string | null;
  offset: number;
  total: number;
  season: string;
  seasonEndsAtMs: number | null;
  lines: Line[];
}

export const noView: BoardView = {
  epoch: null,
  offset: 0,
  total: 0,
  season: "",
  seasonEndsAtMs: null,
  lines: [],
};

export interface ViewReading {
  view: BoardView;
  /** The entries of the members asked for, null where there is none. */
  members: Map<string, Entry | null>;
  /** The seasons that were closed behind the offset asked for, in order. */
  closed: SeasonRecord[];
  /** How long the season goes on by the calendar, as of the reading. */
  endsInMs: number | null;
}

/**
 * Reads the top of a window and some members' entries, in one script. Lines that stay keep their identity.
 * @param window the board's first when not given
 */
export async function readView(
  store: BoardStore,
  window: string | undefined,
  options: { top: number; members: string[]; last: BoardView; closing: number },
): Promise<ViewReading> {
  const { top, members, last, closing } = options;
  const read = await store.read(viewScript, { window }, [top, closing, ...members]).catch(nullWhereNotFound);
  if (read === null) {
    const none = new Map(members.map((member) => [member, null]));
    return { view: noView, members: none, closed: [], endsInMs: null };
  }
  const [epoch, offset, total, now, flat, closings, ...found] = read.reply as unknown as [
    ...head: [Buffer, Buffer, Buffer, Buffer],
    flat: Buffer[],
    closings: Buffer[],
    ...found: Buffer[][],
  ];
  const endsAtMs = read.season.period?.endsAtMs ?? null;
  return {
    view: {
      epoch: epoch.toString(),
      offset: Number(offset),
      total: Number(total),
      season: read.season.season,
      seasonEndsAtMs: endsAtMs,
      lines: rowsOf(flat).map((row, at): Line => {
        const before = last.lines[at];
        return before && isSameRow(before.row, row) ? before : { row, entry: entryOf(row, at + 1) };
      }),
    },
    members: new Map(members.map((member, at) => [member, ownEntryOf(member, found[at] ?? [])])),
    closed: closedOf(read.season.window, closings),
    endsInMs: endsAtMs === null ? null : endsAtMs - Number(now),
  };
}

/** A closed season with its final standings; without entries when it is no longer kept. */
export async function readFinal(
  store: BoardStore,
  record: SeasonRecord,
): Promise<{ closed: Season; top: Entry[] }> {
  const { window, season } = record;
  const choice = { window, season };
  const read = await store.read(entriesScript, choice, ["ordinal", 0, FINAL_TOP]).catch(nullWhereNotFound);
  return { closed: seasonOf(record), top: read ? pageOf("ordinal", read.season, read.reply).entries : [] };
}

/** The entries at the ranks whose content changed from one view to the next: all of them in a new epoch or season. */
export function changedEntries(before: BoardView, after: BoardView): Entry[] {
  if (before.epoch !== after.epoch || before.season !== after.season) {
    return after.lines.map((line) => line.entry);
  }
  return after.lines.filter((line, at) => line !== before.lines[at]).map((line) => line.entry);
}

function ownEntryOf(member: string, [rank, score, record]: Buffer[]): Entry | null {
  return score && record ? entryOf({ id: Buffer.from(member), score, record }, Number(rank)) : null;
}

function closedOf(window: string, flat: Buffer[]): SeasonRecord[] {
  const records: SeasonRecord[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    records.push(seasonRecord(window, String(flat[at]), String(flat[at + 1])));
  }
  return records.sort((one, other) => one.closing! - other.closing!);
}
