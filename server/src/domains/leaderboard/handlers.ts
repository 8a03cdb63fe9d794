import { randomUUID } from "node:crypto";
import type { Board, Entry, Submission } from "@grandstand/shared/operations/leaderboard";
import type { Redis } from "ioredis";
import type { DomainHandlers } from "../../calls/handlers.js";
import { partOf } from "../../redis/idempotency.js";
import type { Keys } from "../../redis/keys.js";
import { runScript } from "../../redis/scripts.js";
import { BoardIndex } from "./board-index.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import { entryOf, rowsOf } from "./layout.js";
import { boardOf, ruleArguments } from "./rules.js";
import * as scripts from "./scripts.js";
import { ALL, BoardStore } from "./store.js";
import {
  briefResultOf,
  checkWriter,
  SCORES_PER_RUN,
  submitArguments,
  submitResultOf,
} from "./submissions.js";

/** What a script that reads a page returns behind its status. */
function pageOf([total, first, hasMore, ...flat]: Buffer[]) {
  const rows = rowsOf(flat);
  const entries: Entry[] = rows.map((row, at) => entryOf(row, Number(first) + at));
  const lastRow = String(hasMore) === "1" ? rows.at(-1) : undefined;
  return {
    entries,
    total: Number(total),
    nextCursor: lastRow ? encodeCursor(ALL.season, lastRow) : null,
  };
}

export function leaderboardHandlers(
  redis: Redis,
  keys: Keys,
  publishCommand: string,
): DomainHandlers<"leaderboard"> {
  const index = new BoardIndex(redis, keys);
  const storeOf = (board: string) => new BoardStore(redis, keys, publishCommand, board);

  return {
    "leaderboard.configure": async ({ board, ...config }, { idempotency }) => {
      const store = storeOf(board);
      // Before, so that no board is missing there; after, in case that a deletion came between.
      await index.add(board);
      const reply = await store.write(
        scripts.configureScript,
        idempotency,
        [store.ranking],
        [randomUUID(), ...ruleArguments(config)],
      );
      await index.add(board);
      return boardOf(board, reply as string[]);
    },

    "leaderboard.get": async ({ board }) => {
      const store = storeOf(board);
      const reply = await store.read(scripts.getScript, [store.meta, store.ranking]);
      return boardOf(board, reply.map(String));
    },

    "leaderboard.list": async ({ limit, cursor }) => {
      const page = await index.page(limit, cursor);
      const found = await Promise.all(
        page.boards.map(async (name): Promise<Board | null> => {
          const store = storeOf(name);
          const reply = await runScript(redis, scripts.getScript, [store.meta, store.ranking]);
          const [status, ...fields] = reply as string[];
          return status === "ok" ? boardOf(name, fields) : null;
        }),
      );
      return { boards: found.filter((board) => board !== null), nextCursor: page.nextCursor };
    },

    "leaderboard.delete": async ({ board }, { idempotency }) => {
      const store = storeOf(board);
      const [now] = await store.write(scripts.deleteScript, idempotency, [store.ranking, store.records]);
      if (!now) return { deleted: true };
      await index.remove(board);
      // It may have been made again meanwhile.
      if (await redis.exists(store.meta)) await index.add(board);
      return { deleted: true };
    },

    "leaderboard.submit": async ({ board, ...submission }, { caller, idempotency }) => {
      checkWriter(caller, submission);
      const store = storeOf(board);
      const [result] = await store.write(
        scripts.submitScript,
        idempotency,
        [store.ranking, store.records],
        submitArguments(caller, "full", [submission]),
      );
      return submitResultOf(submission.member, result as string[]);
    },

    "leaderboard.submitMany": async ({ board, scores }, { caller, idempotency }) => {
      const store = storeOf(board);
      const runs = Array.from({ length: Math.ceil(scores.length / SCORES_PER_RUN) }, (_, run) =>
        scores.slice(run * SCORES_PER_RUN, (run + 1) * SCORES_PER_RUN),
      );
      const write = (run: Submission[], number: number) =>
        store.write(
          scripts.submitScript,
          partOf(idempotency, number),
          [store.ranking, store.records],
          submitArguments(caller, "brief", run),
        );
      // The first run tells whether the key may be used at all. Without one, all are sent in order on one
      // connection, so Redis carries them out in order, in one round trip.
      const first = idempotency ? [await write(runs[0]!, 0)] : [];
      const rest = runs.slice(first.length).map((run, at) => write(run, at + first.length));
      const results = [...first, ...(await Promise.all(rest))];
      return {
        results: results.flat().map((result, at) => briefResultOf(scores[at]!.member, result as string[])),
      };
    },

    "leaderboard.entries": async ({ board, limit, offset = 0, cursor }) => {
      const store = storeOf(board);
      const at = cursor === undefined ? null : decodeCursor(cursor);
      const [script, args] = at
        ? [scripts.entriesAfterScript, [at.score, at.place, limit]]
        : [scripts.entriesScript, [offset, limit]];
      const reply = await store.read(script, store.readKeys, args);
      return { ...pageOf(reply), season: ALL.season };
    },

    "leaderboard.entry": async ({ board, member }) => {
      const store = storeOf(board);
      const [rank, score, record] = await store.read(scripts.entryScript, store.readKeys, [member]);
      return entryOf({ id: Buffer.from(member), score: score!, record: record! }, Number(rank));
    },

    "leaderboard.around": async ({ board, member, radius }) => {
      const store = storeOf(board);
      const { entries, total } = pageOf(
        await store.read(scripts.aroundScript, store.readKeys, [member, radius]),
      );
      return { entries, total };
    },

    "leaderboard.remove": async ({ board, member }, { idempotency }) => {
      const store = storeOf(board);
      await store.write(scripts.removeScript, idempotency, [store.ranking, store.records], [member]);
      return { removed: true };
    },
  };
}
