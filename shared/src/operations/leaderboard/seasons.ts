import { z } from "zod";
import { resourceId } from "../../ids.js";
import { timestamp } from "../../json.js";
import { defineOperations } from "../../operation.js";
import { seasonId, windowName } from "./windows.js";

/** One period of a window, open or closed. */
export const season = z.object({
  window: windowName,
  season: seasonId,
  /** When it began by the calendar; without one, when it was opened. */
  startsAt: timestamp,
  /** When it ends by the calendar; null for a season that only `leaderboard.close` ends. */
  endsAt: timestamp.nullable(),
  /** When it was closed; null while it is open. A closed one never changes. */
  closedAt: timestamp.nullable(),
  /** How many entries it has. */
  total: z.int(),
});

export const seasonOperations = defineOperations({
  "leaderboard.seasons": {
    summary: "The open season and the closed ones that are kept, newest first",
    rest: { method: "GET", path: "/leaderboards/{board}/seasons" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({ board: resourceId, window: windowName.optional() }),
    output: z.object({ seasons: z.array(season) }),
    errors: ["not_found"],
  },
  "leaderboard.close": {
    summary: "Close a window's open season now, and begin the next one",
    rest: { method: "POST", path: "/leaderboards/{board}/seasons/close" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 2,
    input: z.strictObject({
      board: resourceId,
      window: windowName.optional(),
      /** The season that is to be closed: with another one open, nothing is closed. */
      season: seasonId.optional(),
    }),
    output: z.object({ closed: season, next: season }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Season = z.infer<typeof season>;
