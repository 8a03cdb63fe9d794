import { z } from "zod";
import { memberId } from "../../ids.js";
import { jsonObject, timestamp } from "../../json.js";
import { limits } from "../../limits.js";
import { profile } from "../../user.js";

export const score = z.number().meta({ id: "Score", description: "A finite number." });
export const metadata = jsonObject(limits.entryMetadataBytes);

/** One member's score and rank on a board. */
export const entry = z
  .object({
    member: memberId,
    score,
    subscore: score.describe("The subscore. It orders entries of equal score."),
    rank: z.int().min(1).describe("The rank on the board, counted from 1."),
    metadata: metadata.nullable().describe("What was attached to the score, or null."),
    profile: profile.nullable().describe("How the member is shown; null when unknown."),
    reachedAt: timestamp.describe("When the member reached this score."),
  })
  .meta({ id: "Entry", description: "The score and rank of one member on a board." });

/**
 * How entries of equal score and subscore are ranked: by the time at which they reached it (1, 2, 3, 4), equally with a
 * gap after them (1, 2, 2, 4), or equally without a gap (1, 2, 2, 3). The order of the entries is the same.
 */
export const ranking = z.enum(["ordinal", "competition", "dense"]).meta({
  id: "Ranking",
  description:
    "How entries of equal score and subscore are ranked: 1, 2, 3, 4 (`ordinal`); 1, 2, 2, 4 (`competition`); 1, 2, 2, 3 (`dense`).",
});

export type Entry = z.infer<typeof entry>;
export type Ranking = z.infer<typeof ranking>;
