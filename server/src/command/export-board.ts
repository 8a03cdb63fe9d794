import { open } from "node:fs/promises";
import { limits } from "@grandstand/shared/limits";
import type { ApiSession } from "./api-session.js";
import { Progress } from "./progress.js";
import { SavedProgress } from "./saved-progress.js";

export interface Season {
  window?: string | undefined;
  season?: string | undefined;
}

interface Exported extends Season {
  board: string;
  /** The cursor of the next page. */
  cursor: string;
  bytes: number;
  entries: number;
}

/**
 * Writes a board to a file, a page at a time. The next run for the same board, season and file continues an interrupted
 * run.
 * @returns `entries`: the number of entries in the file; `continuedAt`: how many of these entries earlier runs wrote
 */
export async function exportBoard(
  session: ApiSession,
  board: string,
  file: string,
  { window, season }: Season,
): Promise<{ board: string; file: string; entries: number; continuedAt: number }> {
  const choice = { ...(window !== undefined && { window }), ...(season !== undefined && { season }) };
  const saved = new SavedProgress<Exported>(file);
  const before = await saved.read();
  // Imports save their progress beside the file too. It has no cursor, so an export does not continue from it.
  const isSame =
    before?.cursor !== undefined &&
    before.board === board &&
    before.window === window &&
    before.season === season;
  if (before && !isSame)
    throw new Error(`${saved.path} belongs to another export: finish that one, or delete this file`);
  const { total } = await session.call("leaderboard.entries", { board, limit: 1, ...choice });
  const output = await open(file, before ? "r+" : "w");
  const progress = new Progress(`Exporting ${board}`);
  let { cursor, bytes, entries }: Partial<Exported> & { bytes: number; entries: number } = before ?? {
    bytes: 0,
    entries: 0,
  };
  const continuedAt = entries;
  try {
    // After the last saved page, the file may contain an incomplete page of an interrupted run.
    await output.truncate(bytes);
    for (;;) {
      const page = await session.call("leaderboard.export", {
        board,
        ...choice,
        limit: limits.entriesPerPage,
        ...(cursor !== undefined && { cursor }),
      });
      const content = Buffer.from(page.content);
      await output.write(content, 0, content.length, bytes);
      bytes += content.length;
      entries += page.content.split("\n").length - 1;
      progress.show(Math.min(1, entries / Math.max(1, total)), `${entries} of ${total} entries`);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
      await output.datasync();
      await saved.write({ board, window, season, cursor, bytes, entries });
    }
    await output.sync();
  } finally {
    progress.end();
    await output.close();
  }
  await saved.remove();
  return { board, file, entries, continuedAt };
}
