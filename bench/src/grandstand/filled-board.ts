import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { createBoard, readTop, submit } from "./api.js";
import { captureRun, markedScores } from "./script-run.js";

/** Grandstand's Lua entry codec, so that filled entries have the same encoding as submitted ones. */
const entryCodec = new URL("../../../server/dist/domains/leaderboard/lua/entry-codec.lua", import.meta.url);
const fill = new URL("../../src/grandstand/fill.lua", import.meta.url);

const MEMBERS_PER_RUN = 1_000;
/** Script runs in flight at a time, so that Redis never waits for the next one. */
const RUNS_IN_FLIGHT = 8;

export interface FilledBoard {
  board: string;
  members: number;
  windows: readonly string[];
  /** The format of member ids, such as `player-%d`. */
  idFormat: string;
  /** The format of the JSON of their profiles, in which each `%d` is the member's number; "" for none. */
  profileFormat?: string;
}

/**
 * Creates a board and writes members into the open season of each window, without submits.
 * @throws if Grandstand reports another number of entries afterwards.
 */
export async function createFilledBoard(
  redis: Redis,
  url: string,
  { board, members, windows, idFormat, profileFormat = "" }: FilledBoard,
): Promise<void> {
  await createBoard(url, board, windows);
  const [marked] = markedScores(1);
  const { keys } = await captureRun(redis, () => submit(url, board, marked!));
  const lua = readFileSync(entryCodec, "utf8") + readFileSync(fill, "utf8");
  const filled = filledKeys(keys, windows.length);
  await redis.script("LOAD", lua);
  const sha = createHash("sha1").update(lua).digest("hex");

  let next = 0;
  const lane = async () => {
    while (next < members) {
      const first = next;
      next += MEMBERS_PER_RUN;
      const count = Math.min(MEMBERS_PER_RUN, members - first);
      await redis.evalsha(sha, filled.length, ...filled, first, count, idFormat, profileFormat);
    }
  };
  await Promise.all(Array.from({ length: RUNS_IN_FLIGHT }, lane));

  const { total } = await readTop(url, board, 1);
  // The marked member is on the board too.
  if (total !== members + 1) throw new Error(`${board} has ${total} entries instead of ${members + 1}`);
}

/** Picks the keys of fill.lua from those of a submit: the board's meta, and the ranking and records of each window. */
function filledKeys(keys: string[], windows: number): string[] {
  const BOARD_KEYS = 6;
  const KEYS_PER_WINDOW = 5;
  if (keys.length !== BOARD_KEYS + windows * KEYS_PER_WINDOW) {
    throw new Error(`The keys of a submit have an unexpected layout: ${keys.join(" ")}`);
  }
  const ofWindows = Array.from({ length: windows }, (_, window) => {
    const at = BOARD_KEYS + window * KEYS_PER_WINDOW;
    return keys.slice(at, at + 2);
  });
  return [keys[0]!, ...ofWindows.flat()];
}
