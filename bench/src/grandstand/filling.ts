import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { createBoard, readTop, submit } from "./api.js";
import { captureRun, markedScores } from "./script-run.js";

/** Grandstand's own description of its bytes, so that what is filled in is laid out as what is submitted. */
const layout = new URL("../../../server/dist/domains/leaderboard/lua/entry-codec.lua", import.meta.url);
const fill = new URL("./fill.lua", import.meta.url);

const MEMBERS_PER_RUN = 1_000;
/** Runs on the way at any time: Redis never waits for the next one. */
const RUNS_IN_FLIGHT = 8;

export interface FilledBoard {
  board: string;
  members: number;
  windows: readonly string[];
  /** As in `player-%d`: how members are named. */
  idFormat: string;
}

/**
 * Creates a board and gives it members that were never submitted, in one season of each window.
 * @throws when Grandstand does not find them on the board.
 */
export async function createFilledBoard(
  redis: Redis,
  url: string,
  { board, members, windows, idFormat }: FilledBoard,
): Promise<void> {
  await createBoard(url, board, windows);
  const [marked] = markedScores(1);
  const { keys } = await captureRun(redis, () => submit(url, board, marked!));
  const lua = readFileSync(layout, "utf8") + readFileSync(fill, "utf8");
  const filled = filledKeys(keys, windows.length);
  await redis.script("LOAD", lua);
  const sha = createHash("sha1").update(lua).digest("hex");

  let next = 0;
  const lane = async () => {
    while (next < members) {
      const first = next;
      next += MEMBERS_PER_RUN;
      const count = Math.min(MEMBERS_PER_RUN, members - first);
      await redis.evalsha(sha, filled.length, ...filled, first, count, idFormat);
    }
  };
  await Promise.all(Array.from({ length: RUNS_IN_FLIGHT }, lane));

  const { total } = await readTop(url, board, 1);
  // One more than those: the marked member.
  if (total !== members + 1) throw new Error(`${board} has ${total} entries in place of ${members + 1}`);
}

/** Of the keys of submit.lua those that fill.lua takes: the board's meta, the ranking and records of each window. */
function filledKeys(keys: string[], windows: number): string[] {
  const BOARD_KEYS = 5;
  const KEYS_PER_WINDOW = 4;
  if (keys.length !== BOARD_KEYS + windows * KEYS_PER_WINDOW) {
    throw new Error(`A submit's keys are not as expected: ${keys.join(" ")}`);
  }
  const ofWindows = Array.from({ length: windows }, (_, window) => {
    const at = BOARD_KEYS + window * KEYS_PER_WINDOW;
    return keys.slice(at, at + 2);
  });
  return [keys[0]!, ...ofWindows.flat()];
}
