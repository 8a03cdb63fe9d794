import { z } from "zod";
import { timestamp } from "../json.js";
import { entry } from "../operations/leaderboard/entry.js";
import { season } from "../operations/leaderboard/seasons.js";
import { seasonId, windowName } from "../operations/leaderboard/windows.js";

/**
 * What part of a board a subscription watches: the top entries of a window's open season, and with `me` also the
 * caller's own. The board's first window when none is given.
 */
export const leaderboardView = z.strictObject({
  window: windowName.optional(),
  top: z.literal([10, 25, 50, 100]).default(10),
  me: z.boolean().default(false),
});

/** The state that a subscription begins with. `me` is there only when the view asked for it. */
export const leaderboardSnapshot = z.object({
  entries: z.array(entry),
  total: z.int(),
  season: z.string(),
  /** When the season ends by the calendar; null when it doesn't. */
  seasonEndsAt: timestamp.nullable(),
  me: entry.nullable().optional(),
});

export const leaderboardEvents = {
  /**
   * The watched view changed: the board has `total` entries, the view `length`, and `rows` are the
   * entries at the ranks whose content changed. Putting each row at its rank gives exactly the view.
   */
  "leaderboard.updated": z.object({ total: z.int(), length: z.int(), rows: z.array(entry) }),
  /** The caller's own entry changed; null when it has none. */
  "leaderboard.me": z.object({ entry: entry.nullable() }),
  /** The watched window's season ended, once for each season. What follows is about the next one. */
  "leaderboard.season_closed": z.object({
    closed: season,
    /** The final standings: up to 100 entries, best first. */
    top: z.array(entry),
    /** The season that follows. */
    next: z.object({ season: seasonId, endsAt: timestamp.nullable() }),
  }),
};

export type LeaderboardView = z.infer<typeof leaderboardView>;
export type LeaderboardSnapshot = z.infer<typeof leaderboardSnapshot>;
export type LeaderboardUpdated = z.infer<(typeof leaderboardEvents)["leaderboard.updated"]>;
export type LeaderboardMe = z.infer<(typeof leaderboardEvents)["leaderboard.me"]>;
export type LeaderboardSeasonClosed = z.infer<(typeof leaderboardEvents)["leaderboard.season_closed"]>;
