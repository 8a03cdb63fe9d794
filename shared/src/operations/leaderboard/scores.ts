import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { wireError } from "../../wire-error.js";
import { scoreOperator } from "./boards.js";
import { entry, metadata, score } from "./entry.js";
import { windowName } from "./windows.js";

export const submission = z.strictObject({
  member: memberId,
  score,
  /** Orders entries of equal score, in the board's direction. 0 when not given. */
  subscore: score.optional(),
  /** Left as it is when not given; null clears it. */
  metadata: metadata.nullable().optional(),
  /** Instead of the board's operator; API keys only. */
  operator: scoreOperator.optional(),
});

const standing = z.object({ score, subscore: score, rank: z.int() });

const windowStanding = z.object({
  season: z.string(),
  /** Null when the board is full (`maxEntries`) and the entry is behind all that it keeps. */
  rank: z.int().nullable(),
  /** Null when the member is new in this season. */
  previousRank: z.int().nullable(),
  /** Points to the entry directly ahead, 0 when level with it; null for who leads. */
  toNextRank: z.number().nullable(),
});

const submitOutput = z.object({
  /** The entry in the board's first window. */
  entry,
  /** The same before the submit; null when the member is new. */
  previous: standing.nullable(),
  /** Whether the entry moved ahead in (score, subscore). True for a new one. */
  improved: z.boolean(),
  /** The member's place in each window that the submit counted in. */
  windows: z.record(windowName, windowStanding),
});

const submitManyOutput = z.object({
  /** One result for each score, in the order sent. A refused score changes nothing and stops no other. */
  results: z.array(
    z.discriminatedUnion("ok", [
      z.object({
        ok: z.literal(true),
        member: memberId,
        score,
        subscore: score,
        /** Behind the last one when the board is full and did not keep it. */
        rank: z.int(),
        improved: z.boolean(),
      }),
      z.object({ ok: z.literal(false), member: memberId, error: wireError }),
    ]),
  ),
});

export const scoreOperations = defineOperations({
  "leaderboard.submit": {
    summary: "Submit a score: it counts in every window of the board",
    rest: { method: "POST", path: "/leaderboards/{board}/scores" },
    callers: "authenticated",
    access: { right: "submit", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 1,
    input: submission.extend({ board: resourceId }),
    output: submitOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.submitMany": {
    summary: "Submit up to 1,000 scores, each on its own",
    rest: { method: "POST", path: "/leaderboards/{board}/scores/batch" },
    callers: "server",
    access: { right: "submit", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 20,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      board: resourceId,
      scores: z.array(submission).min(1).max(limits.scoresPerBatch),
    }),
    output: submitManyOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Submission = z.infer<typeof submission>;
export type SubmitResult = z.infer<typeof submitOutput>;
export type SubmitManyResult = z.infer<typeof submitManyOutput>;
