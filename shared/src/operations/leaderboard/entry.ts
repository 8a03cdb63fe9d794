import { z } from "zod";
import { memberId } from "../../ids.js";
import { jsonObject, timestamp } from "../../json.js";
import { limits } from "../../limits.js";
import { profile } from "../../user.js";

export const score = z.number().meta({ id: "Score", description: "A finite number." });
export const metadata = jsonObject(limits.entryMetadataBytes);

/** An entry of a board: one member's place. `rank` counts from 1. */
export const entry = z
  .object({
    member: memberId,
    score,
    subscore: score.describe("It orders entries of equal score."),
    rank: z.int().min(1).describe("The place on the board, counted from 1."),
    metadata: metadata.nullable().describe("What was attached to the score, or null."),
    profile: profile.nullable().describe("How the member is shown; null when unknown."),
    reachedAt: timestamp.describe("When the member reached this score."),
  })
  .meta({ id: "Entry", description: "The place of one member on a board." });

/**
 * How entries level in score and subscore are ranked: one after the other by who got there first (1, 2, 3, 4), alike
 * with a gap behind them (1, 2, 2, 4), or alike without one (1, 2, 2, 3). The order of the entries is the same.
 */
export const ranking = z.enum(["ordinal", "competition", "dense"]).meta({
  id: "Ranking",
  description:
    "How entries of equal score and subscore are ranked: 1, 2, 3, 4 (`ordinal`); 1, 2, 2, 4 (`competition`); 1, 2, 2, 3 (`dense`).",
});

export type Entry = z.infer<typeof entry>;
export type Ranking = z.infer<typeof ranking>;
