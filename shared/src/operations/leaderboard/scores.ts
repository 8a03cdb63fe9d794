import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { profile } from "../../user.js";
import { wireError } from "../../wire-error.js";
import { scoreOperator } from "./boards.js";
import { entry, exactMetadata, exactScore, score } from "./entry.js";
import { windowName } from "./windows.js";

export const submission = z
  .strictObject({
    member: memberId,
    score: exactScore,
    subscore: exactScore
      .optional()
      .describe("Orders entries of equal score, in the order of the board. 0 when not given."),
    metadata: exactMetadata
      .nullable()
      .optional()
      .describe("Anything to attach to the entry. Unchanged when not given; null clears it."),
    operator: scoreOperator
      .optional()
      .describe("Replaces the operator of the board for this score; for API keys only."),
    profile: profile
      .nullable()
      .optional()
      .describe(
        "How the member is shown; for API keys only. Unchanged when not given; null clears it. A user's own profile comes from the token.",
      ),
  })
  .meta({ id: "Submission", description: "A score of one member." });

const standing = z.object({
  score,
  subscore: score.describe("The subscore before the submit."),
  rank: z.int().describe("The rank before the submit."),
});

const windowStanding = z.object({
  season: z.string().describe("The id of the open season."),
  rank: z.int().nullable().describe("The rank; null when the season is full and did not keep the entry."),
  previousRank: z
    .int()
    .nullable()
    .describe("The rank before the submit; null when the member is new in this season."),
  toNextRank: z
    .number()
    .nullable()
    .describe(
      "The score difference to the entry directly ahead; 0 when the scores are equal, null only for the leader. A difference beyond the largest double is given as the largest double.",
    ),
});

const submitOutput = z.object({
  entry: entry.describe("The entry in the first window of the board."),
  previous: standing.nullable().describe("Score and rank before the submit; null when the member is new."),
  improved: z.boolean().describe("Whether the entry is new or its score and subscore got better."),
  windows: z.record(windowName, windowStanding).describe("The rank of the member in each window."),
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
            .describe(
              "The rank. When the season is full and did not keep the entry, one more than the last rank.",
            ),
          improved: z.boolean().describe("Whether the entry is new or its score and subscore got better."),
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
    summary: "Submit a score to every window of the board",
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
    summary: "Submit up to 1,000 scores; each one is accepted or refused separately",
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
