import { randomUUID } from "node:crypto";
import type { Board } from "@grandstand/shared/operations/leaderboard/boards";
import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import { type Idempotency, idempotencyArguments } from "../../../redis/idempotency.js";
import { runScript } from "../../../redis/positional-scripts.js";
import { IdIndex } from "../../shared/id-index.js";
import { forgetSurplus } from "../closing.js";
import type { BoardContext } from "../context.js";
import { type Plan, periodOf, planOf } from "../plan.js";
import { changesTooOften, nullWhereNotFound, refuse } from "../refusals.js";
import { boardOf, ruleArguments } from "../rules.js";
import * as scripts from "../scripts.js";
import { seasonRecordOf } from "../season-record.js";
import { BoardStore } from "../store.js";
import type { LeaderboardHandlers } from "./domain.js";

/** Entries above a new limit that go in one run. */
const TRIMMED_PER_RUN = 500;

/** How often a deletion is tried while seasons come and go. */
const MAX_DELETIONS = 5;

export function boardHandlers(
  context: BoardContext,
): LeaderboardHandlers<"configure" | "get" | "list" | "delete"> {
  const { redis, keys, beliefs } = context;
  const index = new IdIndex(redis, keys.boards);

  async function read(board: string): Promise<Board> {
    const { reply } = await new BoardStore(context, board).read(scripts.getScript);
    return boardOf(board, reply.map(String));
  }

  return {
    "leaderboard.configure": async ({ board, ...config }, { idempotency }) => {
      const store = new BoardStore(context, board);
      const plan = planOf(config.windows, config.timezone);
      const rules = ruleArguments(config, plan);
      // Before, so that no board is missing there; after, in case that a deletion came between.
      await index.add(board);
      const [now, ...fields] = await store.attempt(() =>
        store.run(scripts.configureScript, idempotency, store.openSeasons(), [
          randomUUID(),
          ...windowArguments(plan, beliefs.now()),
          ...rules,
        ]),
      );
      if (now === "now") {
        await index.add(board);
        beliefs.learnPlan(board, plan);
        await settle(context, board, plan, config.maxEntries !== undefined);
      } else if (!(await redis.exists(store.keys.meta))) {
        // A repeat: it was deleted meanwhile.
        await index.remove(board);
      }
      return boardOf(board, fields as string[]);
    },

    "leaderboard.get": ({ board }) => read(board),

    "leaderboard.list": async ({ limit, cursor }) => {
      const page = await index.page(limit, "", cursor);
      const found = await Promise.all(page.ids.map((board) => read(board).catch(nullWhereNotFound)));
      return { boards: found.filter((board) => board !== null), nextCursor: page.nextCursor };
    },

    "leaderboard.delete": async ({ board }, { idempotency }) => {
      const isDeletedNow = await deleteBoard(context, board, idempotency);
      if (!isDeletedNow) return { deleted: true };
      beliefs.forget(board);
      await index.remove(board);
      // It may have been made again meanwhile.
      if (await redis.exists(keys.board(board).meta)) await index.add(board);
      return { deleted: true };
    },
  };
}

/** What configure.lua takes of each window. */
function windowArguments(plan: Plan, nowMs: number): (string | number)[] {
  const periods = plan.windows.map((window) => {
    const name = nameOfWindow(window);
    const { id, startsAtMs, endsAtMs } = periodOf(plan, name, nowMs);
    return [name, id, startsAtMs, endsAtMs ?? ""];
  });
  return [periods.length, ...periods.flat()];
}

/** Brings a board in line with its new rules: seasons that are over, seasons and entries that are no longer kept. */
async function settle(context: BoardContext, board: string, plan: Plan, isLimited: boolean): Promise<void> {
  const store = new BoardStore(context, board);
  for (const window of plan.windows.map(nameOfWindow)) {
    const { season } = await store.read(scripts.getScript, { window });
    const endsAtMs = season.period?.endsAtMs ?? null;
    if (endsAtMs !== null) context.onOpened({ board, window, endsAtMs });
  }
  await forgetSurplus(context, board);
  let isMore: unknown = isLimited ? "1" : "0";
  while (isMore === "1") [isMore] = await store.write(scripts.trimScript, null, [TRIMMED_PER_RUN]);
}

/**
 * @returns false for a repeat under the same idempotency key.
 * @throws {GrandstandError} `not_found`, or `conflict` for a key that came with another input.
 */
async function deleteBoard(
  { redis, keys, publishCommand }: BoardContext,
  board: string,
  idempotency: Idempotency | null,
): Promise<boolean> {
  const { meta, answer, topic, seasons, hiddenMembers, season } = keys.board(board);
  const { scope, argv } = idempotencyArguments(idempotency);
  for (let attempt = 0; attempt < MAX_DELETIONS; attempt += 1) {
    const fields = await redis.hkeys(seasons);
    const records = fields.map((field) => seasonRecordOf(field, ""));
    const [status, now] = (await runScript(
      redis,
      scripts.deleteScript,
      [
        meta,
        answer(scope),
        topic,
        seasons,
        hiddenMembers,
        ...records.flatMap((one) => season(one.window, one.season)),
      ],
      [...argv, publishCommand, ...fields],
    )) as string[];
    if (status === "seasons") continue;
    refuse(status!);
    return now === "now";
  }
  throw changesTooOften();
}
