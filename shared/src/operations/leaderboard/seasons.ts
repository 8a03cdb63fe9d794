import { z } from "zod";
import { resourceId } from "../../ids.js";
import { timestamp } from "../../json.js";
import { defineOperations } from "../../operation.js";
import { seasonId, windowName } from "./windows.js";

/** One period of a window, open or closed. */
export const season = z
  .object({
    window: windowName.describe("The window of the season."),
    season: seasonId.describe("The id of the season."),
    startsAt: timestamp.describe(
      "When it began: by the calendar, or when it was opened, if the season before was closed early or the window has no calendar.",
    ),
    endsAt: timestamp
      .nullable()
      .describe("When it ends by the calendar; null when only `leaderboard.close` ends it."),
    closedAt: timestamp
      .nullable()
      .describe(
        "When it was closed; null while it is open. A closed season never changes, except that `user.erase` replaces the user's entries by ones that name nobody.",
      ),
    total: z.int().describe("The number of entries."),
  })
  .meta({ id: "Season", description: "One period of a window." });

export const seasonOperations = defineOperations({
  "leaderboard.seasons": {
    summary: "List the open season and the closed seasons that are kept, newest first",
    rest: { method: "GET", path: "/leaderboards/{board}/seasons" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({ board: resourceId, window: windowName.optional() }),
    output: z.object({ seasons: z.array(season).describe("The seasons, newest first.") }),
    errors: ["not_found"],
  },
  "leaderboard.close": {
    summary: "Close the open season of a window now and open the next one",
    rest: { method: "POST", path: "/leaderboards/{board}/seasons/close" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 2,
    input: z.strictObject({
      board: resourceId,
      window: windowName.optional(),
      season: seasonId
        .optional()
        .describe(
          "The season to close. When another season is open, the call fails with `conflict` and closes nothing.",
        ),
    }),
    output: z.object({
      closed: season.describe("The season that was closed."),
      next: season.describe("The season that is open now."),
    }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Season = z.infer<typeof season>;
