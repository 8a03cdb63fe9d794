import { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { CallOperation } from "../call-operation.js";
import type { WholeBoardView } from "./board-view.js";

/** What reading a window by calls needs of the connection. */
export interface WindowReader {
  readonly isLive: boolean;
  readonly call: CallOperation;
  /** Whose own entry it is; null for a caller who is no user. */
  readonly userId: string | null;
}

/**
 * Reads by calls what a subscription's snapshot would hold.
 * @param last what was read before: when a season ends is asked for once
 */
export async function readWindow(
  reader: WindowReader,
  board: string,
  { window, top, me }: WholeBoardView,
  last: LeaderboardSnapshot | null,
): Promise<LeaderboardSnapshot> {
  const [{ entries, total, season }, own] = await Promise.all([
    reader.call("leaderboard.entries", { board, window, limit: top }),
    me ? readOwn(reader, board, window) : undefined,
  ]);
  const seasonEndsAt =
    last?.season === season ? last.seasonEndsAt : await readSeasonEnd(reader, board, window, season);
  return { entries, total, season, seasonEndsAt, ...(own !== undefined && { me: own }) };
}

async function readOwn(
  { call, userId }: WindowReader,
  board: string,
  window: string | undefined,
): Promise<Entry | null> {
  if (userId === null) {
    throw new GrandstandError("bad_request", "Only a user has an entry of its own to watch");
  }
  try {
    return await call("leaderboard.entry", { board, member: userId, window });
  } catch (error) {
    if (error instanceof GrandstandError && error.code === "not_found") return null;
    throw error;
  }
}

async function readSeasonEnd(
  { call }: WindowReader,
  board: string,
  window: string | undefined,
  season: string,
): Promise<string | null> {
  const { seasons } = await call("leaderboard.seasons", { board, window });
  const name = window ?? (await readFirstWindow(call, board));
  return seasons.find((one) => one.window === name && one.season === season)?.endsAt ?? null;
}

async function readFirstWindow(call: CallOperation, board: string): Promise<string | undefined> {
  const [first] = (await call("leaderboard.get", { board })).windows;
  return typeof first === "object" ? first.name : first;
}
