import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { DomainHandlers } from "../../../core/handler.js";
import { compareRows, entryOf } from "../entry-codec.js";
import { decodeCursor, pageOf, ranksOf, viewerOf } from "../pages.js";
import * as scripts from "../scripts.js";
import { StatsReader } from "../stats.js";
import type { BoardStores } from "../store.js";

export function entryHandlers(stores: BoardStores) {
  const stats = new StatsReader(stores);

  return {
    "leaderboard.entries": async ({ board, limit, offset = 0, cursor, ranking, ...choice }) => {
      const store = stores.of(board);
      if (cursor === undefined) {
        const args = { rule: ranking, offset, limit };
        const { reply, season } = await store.read(scripts.entriesScript, choice, args);
        return pageOf(ranking, season, reply);
      }
      const at = decodeCursor(cursor, choice);
      const args = { rule: ranking, score: at.score, place: at.place, limit };
      const { reply, season } = await store.read(scripts.entriesAfterScript, at, args);
      return pageOf(ranking, season, reply);
    },

    "leaderboard.entry": async ({ board, member, ranking, ...choice }, { caller }) => {
      const args = { rule: ranking, viewer: viewerOf(caller, board), member };
      const { reply } = await stores.of(board).read(scripts.entryScript, choice, args);
      return entryOf({ ...reply, id: Buffer.from(member) }, Number(reply.rank));
    },

    "leaderboard.around": async ({ board, member, radius, ranking, ...choice }, { caller }) => {
      const args = { rule: ranking, viewer: viewerOf(caller, board), member, radius };
      const { reply, season } = await stores.of(board).read(scripts.aroundScript, choice, args);
      const { nextCursor: _, ...page } = pageOf(ranking, season, reply);
      return page;
    },

    "leaderboard.aroundScore": async ({ board, score, subscore, radius, ranking, ...choice }) => {
      const args = { rule: ranking, score: String(score), subscore: String(subscore), radius };
      const { reply, season } = await stores.of(board).read(scripts.aroundScoreScript, choice, args);
      const { nextCursor: _, ...page } = pageOf(ranking, season, reply);
      return { ...page, rank: Number(reply.newRank) };
    },

    "leaderboard.lookup": async ({ board, members, ranking, ...choice }, { caller }) => {
      const asked = [...new Set(members)];
      const args = { rule: ranking, viewer: viewerOf(caller, board), members: asked };
      const { reply, season } = await stores.of(board).read(scripts.lookupScript, choice, args);
      const found = asked.map((member, at) => {
        const [rank, under, score, record] = reply.entries[at] as unknown as Buffer[];
        return score && record ? { row: { id: Buffer.from(member), score, record }, rank, under } : null;
      });
      const inOrder = found
        .filter((one) => one !== null)
        // A hidden entry has the same rank as the visible entry behind it.
        .sort(
          (one, other) =>
            Number(one.rank) - Number(other.rank) || compareRows(String(reply.order), one.row, other.row),
        );
      const rows = inOrder.map(({ row }) => row);
      const places = ranksOf(ranking, 1, 1, rows);
      return {
        entries: inOrder.map(({ row, under }, at): Entry & { place: number } => ({
          ...entryOf(row, Number(under)),
          place: places[at]!,
        })),
        notFound: asked.filter((_, at) => found[at] === null),
        season: season.season,
      };
    },

    "leaderboard.stats": ({ board, member, score, ...choice }, { caller }) =>
      stats.read(board, choice, viewerOf(caller, board), member ?? score ?? null),
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}
