import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { pageCursor } from "./cursor.js";
import { entry, exactScore, ranking, score } from "./entry.js";
import { seasonChoice } from "./windows.js";

const choice = { ...seasonChoice, ranking: ranking.default("ordinal") };
const radius = z
  .int()
  .min(0)
  .max(limits.aroundRadius)
  .default(5)
  .describe("The number of entries on each side.");
const entryPath = "/leaderboards/{board}/entries/{member}";

const statsOutput = z.object({
  count: z.int().describe("The number of entries. When it is 0, the other figures are null or empty."),
  min: score.nullable().describe("The lowest score."),
  max: score.nullable().describe("The highest score."),
  mean: score.nullable().describe("The mean score; null for more than 1,000 entries."),
  quantiles: z
    .array(z.object({ quantile: z.number().describe("The share of the entries, from 0 to 1."), score }))
    .describe("For each quantile, the lowest score that at least this share of the entries does not exceed."),
  histogram: z
    .array(
      z.object({
        from: score.describe("Where the bin begins."),
        to: score.describe("Where the bin ends."),
        count: z.int().describe("The number of entries in the bin."),
      }),
    )
    .describe(
      "Up to 20 bins of equal width from the lowest to the highest score. The last bin includes its end.",
    ),
  percentile: z
    .number()
    .nullable()
    .describe(
      "The percentage of entries that are worse than the requested member or score; null when neither was given.",
    ),
  season: z.string().describe("The id of the season that was read."),
});

export const entryOperations = defineOperations({
  "leaderboard.entries": {
    summary: "Read a page of entries, best first, by offset or by cursor",
    rest: { method: "GET", path: "/leaderboards/{board}/entries", hasEtag: true },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z
      .strictObject({
        board: resourceId,
        limit: z
          .int()
          .min(1)
          .max(limits.entriesPerPage)
          .default(50)
          .describe("The number of items in a page."),
        offset: z
          .int()
          .min(0)
          .optional()
          .describe("The number of entries to skip. Not together with `cursor`."),
        cursor: pageCursor
          .optional()
          .describe(
            "The `nextCursor` of an earlier page. It continues in the same window and season. Not together with `offset`.",
          ),
        ...choice,
      })
      .refine((input) => input.offset === undefined || input.cursor === undefined, {
        path: ["cursor"],
        message: "can't be given together with offset",
      })
      .meta({ not: { required: ["offset", "cursor"] } }),
    output: z.object({
      entries: z.array(entry).describe("The entries, best first."),
      total: z.int().describe("The number of entries on the board."),
      season: z.string().describe("The id of the season that was read."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: ["not_found"],
  },
  "leaderboard.entry": {
    summary: "Read the entry of a member",
    rest: { method: "GET", path: entryPath },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ board: resourceId, member: memberId, ...choice }),
    output: entry,
    errors: ["not_found"],
  },
  "leaderboard.around": {
    summary: "Read the entries around a member",
    rest: { method: "GET", path: `${entryPath}/around`, hasEtag: true },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({ board: resourceId, member: memberId, radius, ...choice }),
    output: z.object({
      entries: z.array(entry).describe("The entries, best first."),
      total: z.int().describe("The number of entries on the board."),
      season: z.string().describe("The id of the season that was read."),
    }),
    errors: ["not_found"],
  },
  "leaderboard.aroundScore": {
    summary: "Read the entries around a score, whether an entry has exactly this score or not",
    rest: { method: "GET", path: "/leaderboards/{board}/around", hasEtag: true },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      board: resourceId,
      score: exactScore,
      subscore: exactScore.default(0).describe("The subscore to look around."),
      radius,
      ...choice,
    }),
    output: z.object({
      entries: z.array(entry).describe("The entries, best first."),
      total: z.int().describe("The number of entries on the board."),
      season: z.string().describe("The id of the season that was read."),
      rank: z.int().describe("The rank that a new entry with this score would get."),
    }),
    errors: ["not_found"],
  },
  "leaderboard.lookup": {
    summary: "Read the entries of up to 1,000 members, such as a player's friends, best first",
    rest: { method: "POST", path: "/leaderboards/{board}/entries/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 10,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      board: resourceId,
      members: z
        .array(memberId)
        .min(1)
        .max(limits.membersPerLookup)
        .describe("The ids of the members. A repeated id counts once."),
      ...choice,
    }),
    output: z.object({
      entries: z
        .array(entry.extend({ place: z.int().describe("The rank within this list.") }))
        .describe("The entries, best first. Both `rank` and `place` follow the requested ranking."),
      notFound: z.array(memberId).describe("The members without an entry."),
      season: z.string().describe("The id of the season that was read."),
    }),
    errors: ["not_found"],
  },
  "leaderboard.stats": {
    summary:
      "Read the distribution of the scores and the percentile of a member or a score; up to a second old",
    rest: { method: "GET", path: "/leaderboards/{board}/stats" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 5,
    input: z
      .strictObject({
        board: resourceId,
        ...seasonChoice,
        member: memberId
          .optional()
          .describe("Return the percentile of this member. Not together with `score`."),
        score: exactScore
          .optional()
          .describe("Return the percentile of this score. Not together with `member`."),
      })
      .refine((input) => input.member === undefined || input.score === undefined, {
        path: ["score"],
        message: "can't be given together with member",
      })
      .meta({ not: { required: ["member", "score"] } }),
    output: statsOutput,
    errors: ["not_found"],
  },
});

export type Stats = z.infer<typeof statsOutput>;
