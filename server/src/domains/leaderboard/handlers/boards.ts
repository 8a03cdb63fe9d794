import { randomUUID } from "node:crypto";
import { type Board, board as boardSchema } from "@grandstand/shared/operations/leaderboard/boards";
import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import type { DomainHandlers } from "../../../core/handler.js";
import type { ReplyOf } from "../../../redis/scripts.js";
import { readEach } from "../../shared/unreadable.js";
import { boardOf, ruleArguments } from "../rules.js";
import { nullWhereNotFound } from "../script-errors.js";
import { configureScript, getScript, trimScript } from "../scripts.js";
import type { BoardStore, BoardStores } from "../store.js";
import { defaultPlan, periodOf, planOf, type WindowPlan } from "../window-plan.js";

/** One run of trim.lua removes at most this many of the entries above `maxEntries`. */
const TRIMMED_PER_RUN = 500;

export function boardHandlers(stores: BoardStores) {
  const { index, seasonCache, dependencies } = stores;

  async function read(board: string): Promise<Board> {
    const { reply } = await stores.of(board).read(getScript, {}, {});
    return boardOf(board, { total: String(reply.total), pairs: reply.pairs.map(String) });
  }

  return {
    "leaderboard.configure": async ({ board, ...given }, { idempotency }) => {
      const store = stores.of(board);
      const planFrom = (kept: Pick<WindowPlan, "windows" | "timezone">) =>
        planOf(given.windows ?? kept.windows, given.timezone ?? kept.timezone);
      let plan = planFrom(store.plan);
      // The id is added before the board exists, so that the index has the id even if this node stops after the script.
      // The id is added again below, because another call may have deleted the board and the id meanwhile.
      await index.add(board);
      const reply = (await store.attempt(configureScript, () => {
        plan = planFrom(store.plan);
        return store.run(configureScript, idempotency, store.openSeasons(), {
          newEpoch: randomUUID(),
          newWindows: windowArguments(plan, seasonCache.now()),
          rules: ruleArguments(given, plan),
          newBoardPlanId: planFrom(defaultPlan).id,
        });
      })) as ReplyOf<"isNow" | "total" | "pairs...">;
      if (reply.isNow === "now") {
        await index.add(board);
        seasonCache.refreshPlan(board, plan);
        await applyNewRules(store, plan, typeof given.maxEntries === "number");
      } else if (!(await dependencies.redis.exists(store.keys.meta))) {
        // This is a repeat with the same idempotency key, and the board has been deleted since the first call.
        await index.remove(board);
      }
      return boardOf(board, reply);
    },

    "leaderboard.get": ({ board }) => read(board),

    "leaderboard.list": async ({ limit, cursor }) => {
      const page = await index.page(limit, "", cursor);
      const readListed = async (id: string) => {
        const found = await read(id).catch(nullWhereNotFound);
        return found && boardSchema.parse(found);
      };
      const { found, ...rest } = await readEach(page.ids, readListed, dependencies.log, "board");
      return { boards: found, ...rest, nextCursor: page.nextCursor };
    },

    "leaderboard.delete": async ({ board }, { idempotency }) => {
      const store = stores.of(board);
      if (!(await store.delete(idempotency))) return { deleted: true };
      await index.remove(board);
      // Another call may have created the board again meanwhile. In that case the line above removed the new board's id
      // from the index, so the id is added again.
      if (await dependencies.redis.exists(store.keys.meta)) await index.add(board);
      return { deleted: true };
    },
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}

function windowArguments(plan: WindowPlan, nowMs: number) {
  return plan.windows.map(nameOfWindow).map((name) => {
    const { id, startsAtMs, endsAtMs } = periodOf(plan, name, nowMs);
    return { name, period: id, startsMs: startsAtMs, endsMs: endsAtMs ?? "" };
  });
}

/**
 * Reads each window: with the new windows and timezone its open season may be over, and a read closes such a season.
 * Schedules the ends of the open seasons. Deletes seasons and entries beyond the new limits.
 */
async function applyNewRules(store: BoardStore, plan: WindowPlan, isLimited: boolean): Promise<void> {
  for (const window of plan.windows.map(nameOfWindow)) {
    const { season } = await store.read(getScript, { window }, {});
    store.scheduleEnd(window, season.period?.endsAtMs ?? null);
  }
  await store.forgetSurplus();
  let hasMore = isLimited ? "1" : "0";
  while (hasMore === "1") ({ hasMore } = await store.write(trimScript, null, { atOnce: TRIMMED_PER_RUN }));
}
