import type { ParsedInputOf } from "@grandstand/shared/contract";
import type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
import type { SeasonChoice } from "@grandstand/shared/operations/leaderboard/windows";
import { PackedRows } from "./packed-rows.js";
import { decodeCursor, entriesOf, nextCursorOf, type PageReply } from "./pages.js";
import * as scripts from "./scripts.js";
import type { CachedSeason } from "./season-cache.js";
import type { BoardStore, BoardStores } from "./store.js";
import { storedId } from "./stored-id.js";

/** A read of a page of one board. `Fields` are the fields of its result besides the entries. */
export interface PageQuery<Reply extends PageReply = PageReply, Fields extends object = object> {
  board: string;
  choice: SeasonChoice;
  ranking: Ranking;
  /**
   * Whether many callers send the same query, such as that of the first page. A node caches the result of any other query
   * only when a caller sends it with an entity tag. It caches no page of a closed season.
   */
  isShared: boolean;
  /**
   * Runs the script.
   * @param known the board's position when the page in the node's cache was read; "" if the cache has no page
   * @returns a null reply if the board has not changed since that position
   */
  read(store: BoardStore, known: string): Promise<{ reply: Reply | null; season: CachedSeason }>;
  fieldsOf(reply: Reply, season: CachedSeason, nextCursor: string | null): Fields;
}

/** Reads a page as plain values. The profiles are those that are stored with the entries. */
export async function readPage<Reply extends PageReply, Fields extends object>(
  stores: BoardStores,
  { board, ranking, read, fieldsOf }: PageQuery<Reply, Fields>,
): Promise<{ entries: Entry[] } & Fields> {
  const { reply, season } = await read(stores.of(board), "");
  // The reply is null only for a read since a known position.
  const rows = new PackedRows(reply!.rows);
  return {
    entries: entriesOf(ranking, reply!, rows),
    ...fieldsOf(reply!, season, nextCursorOf(reply!, season, rows)),
  };
}

export function entriesQuery(input: ParsedInputOf<"leaderboard.entries">) {
  const { board, limit, offset = 0, cursor, ranking, ...choice } = input;
  const common = {
    board,
    ranking,
    fieldsOf: (reply: PageReply, { season }: CachedSeason, nextCursor: string | null) => ({
      total: Number(reply.total),
      season,
      nextCursor,
    }),
  };
  if (cursor === undefined) {
    const args = { rule: ranking, offset, limit };
    return {
      ...common,
      choice,
      isShared: offset === 0,
      read: (store: BoardStore, known: string) => store.readSince(known, scripts.entriesScript, choice, args),
    };
  }
  const at = decodeCursor(cursor, choice);
  const args = { rule: ranking, zsetScore: at.zsetScore, zsetMember: at.zsetMember, limit };
  return {
    ...common,
    choice: at,
    isShared: false,
    read: (store: BoardStore, known: string) => store.readSince(known, scripts.entriesAfterScript, at, args),
  };
}

/** @param viewer the id of the user who reads; "" for servers and moderators, who see hidden members */
export function aroundQuery(input: ParsedInputOf<"leaderboard.around">, viewer: string) {
  const { board, member, radius, ranking, ...choice } = input;
  const args = { rule: ranking, viewer: storedId(viewer), member: storedId(member), radius };
  return {
    board,
    choice,
    ranking,
    isShared: false,
    read: (store: BoardStore, known: string) => store.readSince(known, scripts.aroundScript, choice, args),
    fieldsOf: (reply: PageReply, { season }: CachedSeason) => ({ total: Number(reply.total), season }),
  };
}

export function aroundScoreQuery(input: ParsedInputOf<"leaderboard.aroundScore">) {
  const { board, score, subscore, radius, ranking, ...choice } = input;
  const args = { rule: ranking, score: String(score), subscore: String(subscore), radius };
  return {
    board,
    choice,
    ranking,
    isShared: false,
    read: (store: BoardStore, known: string) =>
      store.readSince(known, scripts.aroundScoreScript, choice, args),
    fieldsOf: (reply: PageReply & { newRank: Buffer }, { season }: CachedSeason) => ({
      total: Number(reply.total),
      season,
      rank: Number(reply.newRank),
    }),
  };
}
