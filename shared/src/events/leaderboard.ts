import { z } from "zod";
import { timestamp } from "../json.js";
import { entry } from "../operations/leaderboard/entry.js";
import { season } from "../operations/leaderboard/seasons.js";
import { seasonId, where, windowName } from "../operations/leaderboard/windows.js";
import { profileEvents } from "./profile.js";

/**
 * The part of a board that a subscription follows: the best entries of a window's open season, and with `me` also the
 * caller's own entry. The default window is the first one of the board.
 */
export const leaderboardView = z
  .strictObject({
    window: windowName.optional(),
    where: where.optional(),
    top: z.int().min(1).max(100).default(10).describe("The number of best entries to follow."),
    me: z.boolean().default(false).describe("Whether to follow the caller's own entry too."),
  })
  .meta({ id: "LeaderboardView", description: "The part of a board to follow." });

/** The state with which a subscription begins. `me` is present only when the view requests it. */
export const leaderboardSnapshot = z
  .object({
    entries: z.array(entry).describe("The best entries, best first."),
    total: z.int().describe("The number of entries on the board."),
    season: z.string().describe("The id of the open season."),
    seasonEndsAt: timestamp
      .nullable()
      .describe("When the season ends by the calendar; null when it has no end."),
    me: entry
      .nullable()
      .optional()
      .describe("The caller's own entry, or null. Present only when the view requests it."),
  })
  .meta({
    id: "LeaderboardSnapshot",
    description: "The state of the part of a board that a subscription follows.",
  });

export const leaderboardEvents = {
  ...profileEvents,
  /**
   * The view changed. `rows` are the entries at the ranks that changed. Placing each row at its rank and cutting
   * the list to `length` gives exactly the view.
   */
  "leaderboard.updated": z.object({
    total: z.int().describe("The number of entries on the board."),
    length: z.int().describe("The number of entries in the view."),
    rows: z.array(entry).describe("The entries at the ranks that changed."),
  }),
  /** The caller's own entry changed; null when there is none. */
  "leaderboard.me": z.object({
    entry: entry.nullable().describe("The caller's own entry; null when there is none."),
  }),
  /** The season ended. Sent once for each season; later publications are about the next one. */
  "leaderboard.season_closed": z.object({
    closed: season.describe("The season that ended."),
    top: z.array(entry).describe("The final standings: up to 100 entries, best first."),
    next: z
      .object({
        season: seasonId.describe("The id of the season."),
        endsAt: timestamp
          .nullable()
          .describe("When the season ends by the calendar; null when it has no end."),
      })
      .describe("The season that follows."),
  }),
};

export type LeaderboardView = z.infer<typeof leaderboardView>;
export type LeaderboardSnapshot = z.infer<typeof leaderboardSnapshot>;
export type LeaderboardUpdated = z.infer<(typeof leaderboardEvents)["leaderboard.updated"]>;
export type LeaderboardMe = z.infer<(typeof leaderboardEvents)["leaderboard.me"]>;
export type LeaderboardSeasonClosed = z.infer<(typeof leaderboardEvents)["leaderboard.season_closed"]>;
