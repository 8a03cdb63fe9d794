import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { createBoard, readTop, submit } from "./api.js";
import { captureRun, markedScores } from "./script-run.js";

/** Grandstand's Lua entry codec, so that filled entries have the same encoding as submitted ones. */
const codec = ["entry-codec", "records"].map(
  (name) => new URL(`../../../server/dist/domains/leaderboard/lua/${name}.lua`, import.meta.url),
);
/** Grandstand's function that encodes an id for Redis. */
const { storedId } = (await import(
  new URL("../../../server/dist/domains/leaderboard/stored-id.js", import.meta.url).href
)) as { storedId: (id: string) => Buffer };
const fill = new URL("../../src/grandstand/fill.lua", import.meta.url);

const MEMBERS_PER_RUN = 1_000;
/** How many script runs are in flight at a time. With several of them, Redis always has a run to execute. */
const RUNS_IN_FLIGHT = 8;

export interface FilledBoard {
  board: string;
  members: number;
  windows: readonly string[];
  idOf: (number: number) => string;
  /** Added to each score, which is an integer otherwise. */
  fraction?: number;
  /** The JSON of a member's profile, with `%d` in place of the member's number; "" for no profiles. */
  profileFormat?: string;
}

/**
 * Creates a board and writes members into the open season of each window with fill.lua. Besides, it
 * submits one member as a client does, to learn the keys of the board.
 * @throws if Grandstand reports another number of entries afterwards.
 */
export async function createFilledBoard(
  redis: Redis,
  url: string,
  { board, members, windows, idOf, fraction = 0, profileFormat = "" }: FilledBoard,
): Promise<void> {
  await createBoard(url, board, windows);
  const [marked] = markedScores(1);
  const { keys } = await captureRun(redis, () => submit(url, board, marked!));
  const lua = [...codec, fill].map((file) => readFileSync(file, "utf8")).join("");
  const filled = filledKeys(keys, windows.length);
  await redis.script("LOAD", lua);
  const sha = createHash("sha1").update(lua).digest("hex");

  let next = 0;
  const lane = async () => {
    while (next < members) {
      const first = next;
      next += MEMBERS_PER_RUN;
      const count = Math.min(MEMBERS_PER_RUN, members - first);
      const ids = Array.from({ length: count }, (_, at) => storedId(idOf(first + at)));
      await redis.evalsha(sha, filled.length, ...filled, first, fraction, profileFormat, ...ids);
    }
  };
  await Promise.all(Array.from({ length: RUNS_IN_FLIGHT }, lane));

  const { total } = await readTop(url, board, 1);
  // The board also has the member that was submitted to find the keys.
  if (total !== members + 1) throw new Error(`${board} has ${total} entries instead of ${members + 1}`);
}

/**
 * Selects the keys of fill.lua from the keys of a submit: the board's meta, and the ranking and records of
 * each window.
 */
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
