import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { DomainHandlers, EncodedHandlers } from "../../../core/handler.js";
import { EncodedPages } from "../encoded-pages.js";
import { compareRows, entryOf } from "../entry-codec.js";
import { aroundQuery, aroundScoreQuery, entriesQuery, readPage } from "../page-queries.js";
import { orderOf, ranksOf, viewerOf } from "../pages.js";
import * as scripts from "../scripts.js";
import { StatsReader } from "../stats.js";
import type { BoardStores } from "../store.js";
import { storedId } from "../stored-id.js";

export function entryHandlers(stores: BoardStores) {
  const stats = new StatsReader(stores);

  return {
    "leaderboard.entries": async (input) => readPage(stores, entriesQuery(input)),

    "leaderboard.entry": async ({ board, member, ranking, ...choice }, { caller }) => {
      const args = { rule: ranking, viewer: storedId(viewerOf(caller, board)), member: storedId(member) };
      const { reply } = await stores.of(board).read(scripts.entryScript, choice, args);
      return entryOf(orderOf(reply), reply, Number(reply.rank));
    },

    "leaderboard.around": async (input, { caller }) =>
      readPage(stores, aroundQuery(input, viewerOf(caller, input.board))),

    "leaderboard.aroundScore": async (input) => readPage(stores, aroundScoreQuery(input)),

    "leaderboard.lookup": async ({ board, members, ranking, ...choice }, { caller }) => {
      const requested = [...new Set(members)];
      const viewer = storedId(viewerOf(caller, board));
      const args = { rule: ranking, viewer, members: requested.map(storedId) };
      const { reply, season } = await stores.of(board).read(scripts.lookupScript, choice, args);
      const order = orderOf(reply);
      const found = requested.map((_, at) => {
        const [rank, under, zsetMember, zsetScore, record] = reply.entries[at] as unknown as Buffer[];
        return zsetMember && zsetScore && record
          ? { row: { zsetMember, zsetScore, record }, rank, under }
          : null;
      });
      const inOrder = found
        .filter((one) => one !== null)
        // Hidden entries do not count for ranks, so a hidden and a visible entry can have the same rank.
        .sort(
          (one, other) => Number(one.rank) - Number(other.rank) || compareRows(order, one.row, other.row),
        );
      const rows = inOrder.map(({ row }) => row);
      const places = ranksOf(ranking, 1, 1, rows);
      return {
        entries: inOrder.map(({ row, under }, at): Entry & { place: number } => ({
          ...entryOf(order, row, Number(under)),
          place: places[at]!,
        })),
        notFound: requested.filter((_, at) => found[at] === null),
        season: season.season,
      };
    },

    "leaderboard.stats": ({ board, member, score, ...choice }, { caller }) =>
      stats.read(board, choice, viewerOf(caller, board), member ?? score ?? null),
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}

/** Handlers that read pages and return encoded results. */
export function encodedEntryHandlers(stores: BoardStores) {
  const pages = new EncodedPages(stores);
  return {
    "leaderboard.entries": async (input, { ifNoneMatch }) =>
      pages.read(`page ${JSON.stringify(input)}`, entriesQuery(input), ifNoneMatch ?? null),

    "leaderboard.around": async (input, { caller, ifNoneMatch }) => {
      const viewer = viewerOf(caller, input.board);
      const key = `around ${JSON.stringify([viewer, input])}`;
      return pages.read(key, aroundQuery(input, viewer), ifNoneMatch ?? null);
    },

    "leaderboard.aroundScore": async (input, { ifNoneMatch }) =>
      pages.read(`score ${JSON.stringify(input)}`, aroundScoreQuery(input), ifNoneMatch ?? null),
  } satisfies EncodedHandlers;
}
