import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import { runScript } from "../../redis/positional-scripts.js";
import type { BoardContext } from "./context.js";
import { periodOf } from "./plan.js";
import { closeScript, forgetScript } from "./scripts.js";
import { seasonRecordOf, surplusOf } from "./season-record.js";

/** Seasons deleted in one run, to keep no one waiting. */
const FORGOTTEN_PER_RUN = 50;

/**
 * Closes a season and begins the next one: once, whoever comes first.
 * @param when `over`: only when its period is over · `now`: in any case
 * @returns the reply of close.lua
 */
export async function closeSeason(
  context: BoardContext,
  board: string,
  { window, season }: { window: string; season: string },
  when: "over" | "now",
  idempotency: Idempotency | null = null,
): Promise<unknown[]> {
  const { redis, beliefs, publishCommand } = context;
  const keys = context.keys.board(board);
  const plan = beliefs.plan(board);
  const { id, startsAtMs, endsAtMs } = periodOf(plan, window, beliefs.now());
  const { scope, argv } = idempotencyArguments(idempotency);
  const [ranking] = keys.season(window, season);
  const reply = (await runScript(
    redis,
    closeScript,
    [keys.meta, keys.answer(scope), keys.topic, keys.seasons, ranking],
    [...argv, publishCommand, plan.id, window, season, id, startsAtMs, endsAtMs ?? "", when],
  )) as unknown[];
  if (reply[0] !== "ok") return reply;
  beliefs.learnOpen(board, window, String(reply[3]));
  if (endsAtMs !== null) context.onOpened({ board, window, endsAtMs });
  await forgetSurplus(context, board);
  return reply;
}

/**
 * Deletes the closed seasons that are no longer kept. What is left over when a node ends here is deleted
 * after the next closing.
 */
export async function forgetSurplus({ redis, keys, beliefs }: BoardContext, board: string): Promise<void> {
  const { meta, seasons, season } = keys.board(board);
  const plan = beliefs.plan(board);
  const [known, retained] = await Promise.all([redis.hgetall(seasons), redis.hget(meta, "retainSeasons")]);
  if (retained === null) return;
  const surplus = surplusOf(
    Object.entries(known).map(([field, text]) => seasonRecordOf(field, text)),
    new Set(plan.windows.map(nameOfWindow)),
    Number(retained),
  );
  for (let at = 0; at < surplus.length; at += FORGOTTEN_PER_RUN) {
    const some = surplus.slice(at, at + FORGOTTEN_PER_RUN);
    await runScript(
      redis,
      forgetScript,
      [meta, seasons, ...some.flatMap((record) => season(record.window, record.season))],
      [plan.id, ...some.flatMap((record) => [record.window, record.season])],
    );
  }
}
