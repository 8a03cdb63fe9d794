import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { pageCursor } from "./cursor.js";
import { entry, ranking, score } from "./entry.js";
import { seasonChoice } from "./windows.js";

const choice = { ...seasonChoice, ranking: ranking.default("ordinal") };
const radius = z.int().min(0).max(limits.aroundRadius).default(5);
const entryPath = "/leaderboards/{board}/entries/{member}";

const statsOutput = z.object({
  /** How many entries there are; the figures below are null or empty when there is none. */
  count: z.int(),
  min: score.nullable(),
  max: score.nullable(),
  /** Of up to 1,000 entries; null above, where it would have to be counted. */
  mean: score.nullable(),
  /** The lowest score that at least this share of the entries does not exceed. */
  quantiles: z.array(z.object({ quantile: z.number(), score })),
  /** Up to 20 equal steps from min to max, the highest with its end. */
  histogram: z.array(z.object({ from: score, to: score, count: z.int() })),
  /** Percent of the entries whose score is worse than the member's or the score asked for; else null. */
  percentile: z.number().nullable(),
  season: z.string(),
});

export const entryOperations = defineOperations({
  "leaderboard.entries": {
    summary: "A page of entries, best first, by offset or by cursor",
    rest: { method: "GET", path: "/leaderboards/{board}/entries" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z
      .strictObject({
        board: resourceId,
        limit: z.int().min(1).max(limits.entriesPerPage).default(50),
        offset: z.int().min(0).optional(),
        /** Goes on in the window and season that it came from. */
        cursor: pageCursor.optional(),
        ...choice,
      })
      .refine((input) => input.offset === undefined || input.cursor === undefined, {
        path: ["cursor"],
        message: "can't be given together with offset",
      }),
    output: z.object({
      entries: z.array(entry),
      total: z.int(),
      season: z.string(),
      /** Null when there is no entry behind this page. */
      nextCursor: z.string().nullable(),
    }),
    errors: ["not_found"],
  },
  "leaderboard.entry": {
    summary: "One member's entry",
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
    summary: "The entries around a member",
    rest: { method: "GET", path: `${entryPath}/around` },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({ board: resourceId, member: memberId, radius, ...choice }),
    output: z.object({ entries: z.array(entry), total: z.int(), season: z.string() }),
    errors: ["not_found"],
  },
  "leaderboard.aroundScore": {
    summary: "The entries around a score, whether somebody has it or not",
    rest: { method: "GET", path: "/leaderboards/{board}/around" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 2,
    input: z.strictObject({ board: resourceId, score, subscore: score.default(0), radius, ...choice }),
    output: z.object({
      entries: z.array(entry),
      total: z.int(),
      season: z.string(),
      /** The rank that an entry would have that reached this score now. */
      rank: z.int(),
    }),
    errors: ["not_found"],
  },
  "leaderboard.lookup": {
    summary: "The entries of up to 1,000 members, such as a player's friends, best first",
    rest: { method: "POST", path: "/leaderboards/{board}/entries/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 10,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      board: resourceId,
      /** One that is named twice counts once. */
      members: z.array(memberId).min(1).max(limits.membersPerLookup),
      ...choice,
    }),
    output: z.object({
      /** `rank` is the rank on the whole board, `place` the one in this list, both under the same ranking. */
      entries: z.array(entry.extend({ place: z.int() })),
      /** Those without an entry. */
      notFound: z.array(memberId),
      season: z.string(),
    }),
    errors: ["not_found"],
  },
  "leaderboard.stats": {
    summary: "How the scores are distributed, and where a member or a score stands; up to a second old",
    rest: { method: "GET", path: "/leaderboards/{board}/stats" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 5,
    input: z
      .strictObject({
        board: resourceId,
        ...seasonChoice,
        member: memberId.optional(),
        score: score.optional(),
      })
      .refine((input) => input.member === undefined || input.score === undefined, {
        path: ["score"],
        message: "can't be given together with member",
      }),
    output: statsOutput,
    errors: ["not_found"],
  },
});

export type Stats = z.infer<typeof statsOutput>;
