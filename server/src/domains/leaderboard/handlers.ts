import { randomUUID } from "node:crypto";
import type { Board, Entry } from "@grandstand/shared/operations/leaderboard";
import type { Redis } from "ioredis";
import type { DomainHandlers } from "../../calls/handlers.js";
import { partOf } from "../../redis/idempotency.js";
import type { Keys } from "../../redis/keys.js";
import { runScript } from "../../redis/scripts.js";
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
  const storeOf = (board: string) => new BoardStore(redis, keys, publishCommand, board);

  return {
    "leaderboard.configure": async ({ board, ...config }, { idempotency }) => {
      const store = storeOf(board);
      // The index first: a name in it without a board is skipped, a board that is not in it would be lost.
      await redis.zadd(keys.boards, 0, board);
      const reply = await store.write(
        scripts.configureScript,
        idempotency,
        [store.ranking],
        [randomUUID(), ...ruleArguments(config)],
      );
      return boardOf(board, reply as string[]);
    },

    "leaderboard.get": async ({ board }) => {
      const store = storeOf(board);
      const reply = await store.read(scripts.getScript, [store.meta, store.ranking]);
      return boardOf(board, reply.map(String));
    },

    "leaderboard.list": async ({ limit, cursor }) => {
      const after = cursor === undefined ? "-" : `(${Buffer.from(cursor, "base64url").toString()}`;
      const names = await redis.zrangebylex(keys.boards, after, "+", "LIMIT", 0, limit + 1);
      const page = names.slice(0, limit);
      const found = await Promise.all(
        page.map(async (name): Promise<Board | null> => {
          const store = storeOf(name);
          const reply = await runScript(redis, scripts.getScript, [store.meta, store.ranking]);
          const [status, ...fields] = reply as string[];
          return status === "ok" ? boardOf(name, fields) : null;
        }),
      );
      const last = page.at(-1);
      return {
        boards: found.filter((board) => board !== null),
        nextCursor: names.length > limit && last ? Buffer.from(last).toString("base64url") : null,
      };
    },

    "leaderboard.delete": async ({ board }, { idempotency }) => {
      const store = storeOf(board);
      await store.write(scripts.deleteScript, idempotency, [store.ranking, store.records]);
      await redis.zrem(keys.boards, board);
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
      // Sent in order on one connection, so Redis runs them in order, in one round trip.
      const results = await Promise.all(
        runs.map((run, number) =>
          store.write(
            scripts.submitScript,
            partOf(idempotency, number),
            [store.ranking, store.records],
            submitArguments(caller, "brief", run),
          ),
        ),
      );
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
      const reply = await store.read(script, [store.meta, store.ranking, store.records], args);
      return { ...pageOf(reply), season: ALL.season };
    },

    "leaderboard.entry": async ({ board, member }) => {
      const store = storeOf(board);
      const keys = [store.meta, store.ranking, store.records];
      const [rank, score, record] = await store.read(scripts.entryScript, keys, [member]);
      return entryOf({ id: Buffer.from(member), score: score!, record: record! }, Number(rank));
    },

    "leaderboard.around": async ({ board, member, radius }) => {
      const store = storeOf(board);
      const keys = [store.meta, store.ranking, store.records];
      const { entries, total } = pageOf(await store.read(scripts.aroundScript, keys, [member, radius]));
      return { entries, total };
    },

    "leaderboard.remove": async ({ board, member }, { idempotency }) => {
      const store = storeOf(board);
      await store.write(scripts.removeScript, idempotency, [store.ranking, store.records], [member]);
      return { removed: true };
    },
  };
}
