import { isDeepStrictEqual } from "node:util";
import { GrandstandError } from "@grandstand/shared/errors";
import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
import {
  type SeasonChoice,
  seasonId,
  type Where,
  where as whereSchema,
  windowName,
} from "@grandstand/shared/operations/leaderboard/windows";
import { z } from "zod";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";
import { notOurCursor } from "../shared/id-index.js";
import { entryOf, isLevel, type Row, rowAt, rowsOf } from "./entry-codec.js";
import type { PackedRows } from "./packed-rows.js";
import type { CachedSeason } from "./season-cache.js";

/** The reply of pages.lua. */
export interface PageReply {
  position: Buffer;
  order: Buffer;
  total: Buffer;
  first: Buffer;
  firstUnder: Buffer;
  hasMore: Buffer;
  rows: Buffer;
}

export function orderOf({ order }: Pick<PageReply, "order">): BoardOrder {
  return order.toString() as BoardOrder;
}

export function entriesOf(ranking: Ranking, reply: PageReply, packed: PackedRows): Entry[] {
  const rankAt = ranksAt(ranking, reply, packed);
  return rowsOf(packed).map((row, at) => entryOf(orderOf(reply), row, rankAt(at)));
}

/** The ranks of the entries of a page. */
export function ranksAt(ranking: Ranking, reply: PageReply, packed: PackedRows): (at: number) => number {
  const first = Number(reply.first);
  if (ranking === "ordinal") return (at) => first + at;
  const ranks = ranksOf(ranking, first, Number(reply.firstUnder), rowsOf(packed));
  return (at) => ranks[at]!;
}

/** The cursor of the next page; null on the last page. */
export function nextCursorOf(reply: PageReply, choice: CachedSeason, packed: PackedRows): string | null {
  if (packed.count === 0 || String(reply.hasMore) !== "1") return null;
  return encodeCursor(choice, rowAt(packed, packed.count - 1));
}

/**
 * The ranks of consecutive entries.
 * @param first the ordinal rank of the first entry
 * @param firstUnder the rank that the rule `ranking` gives the first entry
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

/** The argument `viewer` of scripts: a user's id, or "" for servers and moderators, who see hidden members. */
export function viewerOf(caller: Caller, board: string): string {
  if (caller.kind !== "user" || grantsOf(caller, `leaderboard:${board}`).has("moderate")) return "";
  return caller.user.id;
}

/**
 * A paged read continues behind the entry with this ZSET score and ZSET member, even if that entry no longer exists.
 */
export interface EntryCursor {
  window: string;
  season: string;
  where: Where | undefined;
  zsetScore: string;
  zsetMember: Buffer;
}

const cursorContent = z.tuple([
  windowName,
  seasonId,
  z.string().refine((text) => text.trim() !== "" && Number.isFinite(Number(text))),
  z.base64url().min(1),
  whereSchema.optional(),
]);

function encodeCursor({ window, season, where }: CachedSeason, row: Row): string {
  const parts: unknown[] = [window, season, row.zsetScore.toString(), row.zsetMember.toString("base64url")];
  if (where) parts.push(where);
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * @param choice the window, season and `where` that the caller gave in addition to the cursor
 * @throws {GrandstandError} `bad_request` for a malformed cursor, or a cursor of another window, season or `where`
 */
export function decodeCursor(cursor: string, choice: SeasonChoice): EntryCursor {
  const decoded = parseCursor(cursor);
  for (const field of ["window", "season", "where"] as const) {
    const stated = choice[field];
    if (stated === undefined || isDeepStrictEqual(stated, decoded[field])) continue;
    throw new GrandstandError(
      "bad_request",
      `${field} must be the same as in the call that returned the cursor`,
      {
        issues: [
          {
            path: field,
            rule: "contradiction",
            message: "must be the same as in the call that returned the cursor",
          },
        ],
      },
    );
  }
  return decoded;
}

function parseCursor(cursor: string): EntryCursor {
  try {
    const [window, season, zsetScore, zsetMember, where] = cursorContent.parse(
      JSON.parse(Buffer.from(cursor, "base64url").toString()),
    );
    return {
      window,
      season,
      where,
      zsetScore: String(Number(zsetScore)),
      zsetMember: Buffer.from(zsetMember, "base64url"),
    };
  } catch (error) {
    throw notOurCursor(error);
  }
}
