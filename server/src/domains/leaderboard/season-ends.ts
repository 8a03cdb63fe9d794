import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import type { OpenedSeason } from "../shared/dependencies.js";
import { IdIndex } from "../shared/id-index.js";
import type { BoardContext } from "./context.js";
import { nullWhereNotFound } from "./refusals.js";
import { getScript } from "./scripts.js";
import { BoardStore } from "./store.js";

const BOARDS_PER_PAGE = 100;

/**
 * Closes a window's season if it is over, as any call does that comes behind its end.
 * @returns in how many milliseconds it ends by Redis's clock when it is still the same one; null when it isn't.
 */
export async function closeIfOver(
  context: BoardContext,
  { board, window, endsAtMs }: OpenedSeason,
): Promise<number | null> {
  const now = await openSeasonOf(context, board, window);
  return now?.endsAtMs === endsAtMs ? endsAtMs - context.beliefs.now() : null;
}

/** Expects the end of every open season again, and closes those that are over: for when somebody forgot. */
export async function expectEnds(context: BoardContext): Promise<void> {
  const index = new IdIndex(context.redis, context.keys.boards);
  const faults: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await index.page(BOARDS_PER_PAGE, "", cursor);
    for (const board of page.ids) {
      await expectEndsOf(context, board).catch((error: unknown) => faults.push(error));
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} boards could not be looked at`);
}

async function expectEndsOf(context: BoardContext, board: string): Promise<void> {
  if (!(await openSeasonOf(context, board))) return;
  // The read has told this node which windows there are.
  for (const window of context.beliefs.plan(board).windows.map(nameOfWindow)) {
    const season = await openSeasonOf(context, board, window);
    if (season && season.endsAtMs !== null) context.onOpened({ board, window, endsAtMs: season.endsAtMs });
  }
}

/** Null when there is no such board or window. */
async function openSeasonOf(
  context: BoardContext,
  board: string,
  window?: string,
): Promise<{ endsAtMs: number | null } | null> {
  const read = await new BoardStore(context, board).read(getScript, { window }).catch(nullWhereNotFound);
  return read && { endsAtMs: read.season.period?.endsAtMs ?? null };
}
