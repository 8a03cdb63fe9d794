import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import type { OpenedSeason } from "../shared/dependencies.js";
import { nullWhereNotFound } from "./script-errors.js";
import { getScript } from "./scripts.js";
import type { BoardStore, BoardStores } from "./store.js";

const BOARDS_PER_PAGE = 100;

/**
 * Closes a window's season if the season is over. A read of the board is enough for this: if the script finds that the
 * season is over, the store closes the season and runs the script again.
 * @returns the ms until the season ends, by Redis's clock; null if the window has no open season that ends at `endsAtMs`
 */
export async function closeIfOver(
  stores: BoardStores,
  { board, window, endsAtMs }: OpenedSeason,
): Promise<number | null> {
  const open = await readOpenSeason(stores.of(board), window);
  return open?.endsAtMs === endsAtMs ? endsAtMs - stores.seasonCache.now() : null;
}

/** Schedules the end of every open season again, and closes those that are over, in case a scheduled job was lost. */
export async function scheduleEnds(stores: BoardStores): Promise<void> {
  const faults: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await stores.index.page(BOARDS_PER_PAGE, "", cursor);
    for (const board of page.ids) {
      await scheduleEndsOf(stores.of(board)).catch((error: unknown) => faults.push(error));
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  if (faults.length > 0) {
    throw new AggregateError(faults, `the season ends of ${faults.length} boards could not be scheduled`);
  }
}

async function scheduleEndsOf(store: BoardStore): Promise<void> {
  // This read refreshes the cached plan, so that the loop below has the board's current windows.
  if (!(await readOpenSeason(store))) return;
  for (const window of store.plan.windows.map(nameOfWindow)) {
    const season = await readOpenSeason(store, window);
    if (season) store.scheduleEnd(window, season.endsAtMs);
  }
}

/** Reads the end of a window's open season; null if there is no such board or window. */
async function readOpenSeason(
  store: BoardStore,
  window?: string,
): Promise<{ endsAtMs: number | null } | null> {
  const read = await store.read(getScript, { window }, {}).catch(nullWhereNotFound);
  return read && { endsAtMs: read.season.period?.endsAtMs ?? null };
}
