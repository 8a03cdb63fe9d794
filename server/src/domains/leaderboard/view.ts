import type { Entry } from "@grandstand/shared/operations/leaderboard";
import type { Redis } from "ioredis";
import type { Keys } from "../../redis/keys.js";
import { runScriptRaw } from "../../redis/scripts.js";
import { entryOf, isSameRow, type Row, rowsOf } from "./layout.js";
import { viewScript } from "./scripts.js";
import { ALL } from "./store.js";

/** A line of a board: what Redis holds, and the entry made of it. */
export interface Line {
  row: Row;
  entry: Entry;
}

/** The top of a board at one moment. A board that does not exist has neither epoch nor lines. */
export interface BoardView {
  epoch: string | null;
  offset: number;
  total: number;
  lines: Line[];
}

export const noView: BoardView = { epoch: null, offset: 0, total: 0, lines: [] };

export interface ViewReading {
  view: BoardView;
  /** The entries of the members asked for, null where there is none. */
  members: Map<string, Entry | null>;
}

/** Reads the top of a board and some members' entries, in one script. Lines that stay keep their identity. */
export async function readView(
  redis: Redis,
  keys: Keys,
  board: string,
  options: { top: number; members: string[]; last: BoardView },
): Promise<ViewReading> {
  const { meta, ranking, records } = keys.board(board);
  const [epoch, offset, total, flat, ...found] = (await runScriptRaw(
    redis,
    viewScript,
    [meta, ranking(ALL.window, ALL.season), records(ALL.window, ALL.season)],
    [options.top, ...options.members],
  )) as [Buffer, Buffer, Buffer, Buffer[], ...Buffer[][]];
  const members = new Map<string, Entry | null>();
  options.members.forEach((member, at) => {
    const [rank, score, record] = found[at] ?? [];
    const row = score && record ? { id: Buffer.from(member), score, record } : null;
    members.set(member, row && entryOf(row, Number(rank)));
  });
  if (epoch === undefined) return { view: noView, members };
  const lines = rowsOf(flat).map((row, at): Line => {
    const before = options.last.lines[at];
    return before && isSameRow(before.row, row) ? before : { row, entry: entryOf(row, at + 1) };
  });
  return { view: { epoch: epoch.toString(), offset: Number(offset), total: Number(total), lines }, members };
}

/** The entries at the ranks whose content changed from one view to the next: all of them in a new epoch. */
export function changedEntries(before: BoardView, after: BoardView): Entry[] {
  if (before.epoch !== after.epoch) return after.lines.map((line) => line.entry);
  return after.lines.filter((line, at) => line !== before.lines[at]).map((line) => line.entry);
}
