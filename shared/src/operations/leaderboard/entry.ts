import { z } from "zod";
import { memberId } from "../../ids.js";
import { jsonObject, timestamp } from "../../json.js";
import { limits } from "../../limits.js";
import { profile } from "../../user.js";

/** A score or subscore in a reply. */
export const score = z.number().meta({ id: "Score", description: "A finite number." });

/**
 * JavaScript writes numbers of this size and above with an exponent, such as 1.5e+21. A sender that sees the exponent knows
 * that the last digits are rounded. Such a number is accepted, because its rounding is visible.
 */
const ROUNDED_FROM = 1e21;

/**
 * Whether a number arrives as it was sent. An integer of 16 to 21 digits beyond 2^53 - 1 may have been rounded by a JSON
 * parser.
 */
export function isExact(number: number): boolean {
  const size = Math.abs(number);
  return size <= Number.MAX_SAFE_INTEGER || (size >= ROUNDED_FROM && Number.isFinite(number));
}

const exactRule = {
  message: `must be exact: an integer must be within ${Number.MAX_SAFE_INTEGER} of zero`,
  params: { rule: "exact" },
};

/** A score or subscore in a call. */
export const exactScore = score.refine(isExact, exactRule).meta({
  id: "ExactScore",
  description: "A finite number. An integer must be within 2^53 - 1 of zero, or at least 1e21.",
});
/** The difference of two scores in a call. */
export const exactDelta = score.positive().refine(isExact, exactRule);

/** Whether all numbers inside a JSON value are exact. */
export function holdsExactNumbers(value: unknown): boolean {
  if (typeof value === "number") return isExact(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(holdsExactNumbers);
}

export const metadata = jsonObject(limits.entryMetadataBytes);

/** Metadata in a call. */
export const exactMetadata = metadata.refine(holdsExactNumbers, {
  message: `must contain exact numbers: send an integer beyond ${Number.MAX_SAFE_INTEGER} as a string`,
  params: { rule: "exact" },
});

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
 * How entries of equal score and subscore are ranked: by the time at which they reached the score (1, 2, 3, 4), with the
 * same rank and a gap after it (1, 2, 2, 4), or with the same rank and no gap (1, 2, 2, 3). All three rules list entries
 * in the same order.
 */
export const ranking = z.enum(["ordinal", "competition", "dense"]).meta({
  id: "Ranking",
  description:
    "How entries of equal score and subscore are ranked: 1, 2, 3, 4 (`ordinal`); 1, 2, 2, 4 (`competition`); 1, 2, 2, 3 (`dense`).",
});

export type Entry = z.infer<typeof entry>;
export type Ranking = z.infer<typeof ranking>;
