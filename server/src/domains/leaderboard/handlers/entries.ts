import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { BoardContext } from "../context.js";
import { decodeCursor } from "../cursor.js";
import { compareRows, entryOf } from "../entry-codec.js";
import { pageOf, ranksOf, viewerOf } from "../pages.js";
import * as scripts from "../scripts.js";
import { StatsReader } from "../stats.js";
import { BoardStore } from "../store.js";
import type { LeaderboardHandlers } from "./domain.js";

export function entryHandlers(
  context: BoardContext,
): LeaderboardHandlers<"entries" | "entry" | "around" | "aroundScore" | "lookup" | "stats"> {
  const stats = new StatsReader(context);
  const storeOf = (board: string) => new BoardStore(context, board);

  return {
    "leaderboard.entries": async ({ board, limit, offset = 0, cursor, ranking, ...choice }) => {
      if (cursor === undefined) {
        const args = [ranking, offset, limit];
        const { reply, season } = await storeOf(board).read(scripts.entriesScript, choice, args);
        return pageOf(ranking, season, reply);
      }
      const at = decodeCursor(cursor, choice);
      const args = [ranking, at.score, at.place, limit];
      const { reply, season } = await storeOf(board).read(scripts.entriesAfterScript, at, args);
      return pageOf(ranking, season, reply);
    },

    "leaderboard.entry": async ({ board, member, ranking, ...choice }, { caller }) => {
      const args = [ranking, viewerOf(caller, board), member];
      const { reply } = await storeOf(board).read(scripts.entryScript, choice, args);
      const [rank, score, record] = reply;
      return entryOf({ id: Buffer.from(member), score: score!, record: record! }, Number(rank));
    },

    "leaderboard.around": async ({ board, member, radius, ranking, ...choice }, { caller }) => {
      const args = [ranking, viewerOf(caller, board), member, radius];
      const { reply, season } = await storeOf(board).read(scripts.aroundScript, choice, args);
      const { nextCursor: _, ...page } = pageOf(ranking, season, reply);
      return page;
    },

    "leaderboard.aroundScore": async ({ board, score, subscore, radius, ranking, ...choice }) => {
      const args = [ranking, String(score), String(subscore), radius];
      const { reply, season } = await storeOf(board).read(scripts.aroundScoreScript, choice, args);
      const [rank, ...rest] = reply;
      const { nextCursor: _, ...page } = pageOf(ranking, season, rest);
      return { ...page, rank: Number(rank) };
    },

    "leaderboard.lookup": async ({ board, members, ranking, ...choice }, { caller }) => {
      const asked = [...new Set(members)];
      const args = [ranking, viewerOf(caller, board), ...asked];
      const { reply, season } = await storeOf(board).read(scripts.lookupScript, choice, args);
      const [order, ...answers] = reply;
      const found = asked.map((member, at) => {
        const [rank, under, score, record] = answers[at] as unknown as Buffer[];
        return score && record ? { row: { id: Buffer.from(member), score, record }, rank, under } : null;
      });
      const inOrder = found
        .filter((one) => one !== null)
        // A hidden entry has the rank of the one whose place it would take.
        .sort(
          (one, other) =>
            Number(one.rank) - Number(other.rank) || compareRows(String(order), one.row, other.row),
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
  };
}
