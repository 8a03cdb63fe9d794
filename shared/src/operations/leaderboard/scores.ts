import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { wireError } from "../../wire-error.js";
import { scoreOperator } from "./boards.js";
import { entry, metadata, score } from "./entry.js";
import { windowName } from "./windows.js";

export const submission = z
  .strictObject({
    member: memberId,
    score,
    subscore: score
      .optional()
      .describe("It orders entries of equal score, in the direction of the board. 0 when not given."),
    metadata: metadata
      .nullable()
      .optional()
      .describe("Anything to attach to the entry. Unchanged when not given; null clears it."),
    operator: scoreOperator
      .optional()
      .describe("Replaces the operator of the board for this score; for API keys only."),
  })
  .meta({ id: "Submission", description: "A score of one member." });

const standing = z.object({
  score,
  subscore: score.describe("The subscore before the submit."),
  rank: z.int().describe("The rank before the submit."),
});

const windowStanding = z.object({
  season: z.string().describe("The id of the open season."),
  rank: z.int().nullable().describe("The rank; null when the board is full and did not keep the entry."),
  previousRank: z
    .int()
    .nullable()
    .describe("The rank before the submit; null when the member is new in this season."),
  toNextRank: z
    .number()
    .nullable()
    .describe("Points to the entry directly ahead, 0 when level with it; null for the leader."),
});

const submitOutput = z.object({
  entry: entry.describe("The entry in the first window of the board."),
  previous: standing.nullable().describe("Score and rank before the submit; null when the member is new."),
  improved: z.boolean().describe("Whether the entry is new or moved ahead in score and subscore."),
  windows: z.record(windowName, windowStanding).describe("The place of the member in each window."),
});

const submitManyOutput = z.object({
  results: z
    .array(
      z.discriminatedUnion("ok", [
        z.object({
          ok: z.literal(true).describe("Whether the score was accepted."),
          member: memberId,
          score,
          subscore: score.describe("The subscore of the entry."),
          rank: z
            .int()
            .describe("The rank. One behind the last entry when the board is full and did not keep it."),
          improved: z.boolean().describe("Whether the entry is new or moved ahead in score and subscore."),
        }),
        z.object({
          ok: z.literal(false).describe("Whether the score was accepted."),
          member: memberId,
          error: wireError.describe("Why the score was refused."),
        }),
      ]),
    )
    .describe(
      "One result for each score, in the order of the request. A refused score does not affect the others.",
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
      scores: z.array(submission).min(1).max(limits.scoresPerBatch).describe("The scores to submit."),
    }),
    output: submitManyOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Submission = z.infer<typeof submission>;
export type SubmitResult = z.infer<typeof submitOutput>;
export type SubmitManyResult = z.infer<typeof submitManyOutput>;
