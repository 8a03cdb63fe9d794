import type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";
import { encodeCursor } from "./cursor.js";
import { entryOf, isLevel, type Row, rowsOf } from "./entry-codec.js";
import type { CachedSeason } from "./season-cache.js";

export interface Page {
  entries: Entry[];
  total: number;
  season: string;
  nextCursor: string | null;
}

/** Reads a page as the scripts return it (ranking.lua), behind its status. */
export function pageOf(
  ranking: Ranking,
  { window, season }: CachedSeason,
  [total, first, firstUnder, hasMore, ...flat]: Buffer[],
): Page {
  const rows = rowsOf(flat);
  const ranks = ranksOf(ranking, Number(first), Number(firstUnder), rows);
  const lastRow = String(hasMore) === "1" ? rows.at(-1) : undefined;
  return {
    entries: rows.map((row, at) => entryOf(row, ranks[at]!)),
    total: Number(total),
    season,
    nextCursor: lastRow ? encodeCursor({ window, season, row: lastRow }) : null,
  };
}

/**
 * The ranks of entries that follow each other.
 * @param first the rank of the first one by order
 * @param firstUnder the same under `ranking`
 */
export function ranksOf(ranking: Ranking, first: number, firstUnder: number, rows: Row[]): number[] {
  let under = firstUnder;
  return rows.map((row, at) => {
    const before = rows[at - 1];
    if (before && (ranking === "ordinal" || !isLevel(before, row))) {
      under = ranking === "dense" ? under + 1 : first + at;
    }
    return under;
  });
}

/** How scripts are told who asks: hidden entries are shown to servers, to moderators and to their own members. */
export function viewerOf(caller: Caller, board: string): string {
  if (caller.kind !== "user" || grantsOf(caller, `leaderboard:${board}`).has("moderate")) return "";
  return caller.user.id;
}
