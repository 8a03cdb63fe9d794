import { GrandstandError } from "@grandstand/shared/errors";
import { type SeasonChoice, seasonId, windowName } from "@grandstand/shared/operations/leaderboard/windows";
import { z } from "zod";
import { notOurCursor } from "../shared/id-index.js";
import { type Row, rankingMember } from "./entry-codec.js";

/** Where a scroll stands: behind the entry of this score and ZSET member, whether it is still there or not. */
export interface EntryCursor {
  window: string;
  season: string;
  score: string;
  place: Buffer;
}

const content = z.tuple([
  windowName,
  seasonId,
  z.string().refine((text) => text.trim() !== "" && Number.isFinite(Number(text))),
  z.base64url().min(1),
]);

export function encodeCursor({ window, season, row }: { window: string; season: string; row: Row }): string {
  const parts = [window, season, row.score.toString(), rankingMember(row).toString("base64url")];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * @param choice what the caller says beside the cursor
 * @throws {GrandstandError} `bad_request` when it is no cursor of ours, or belongs to another window or season.
 */
export function decodeCursor(cursor: string, choice: SeasonChoice): EntryCursor {
  const decoded = decode(cursor);
  for (const field of ["window", "season"] as const) {
    const stated = choice[field];
    if (stated === undefined || stated === decoded[field]) continue;
    throw new GrandstandError("bad_request", `${field} must be what the cursor says`, {
      issues: [{ path: field, rule: "contradiction", message: "must be what the cursor says" }],
    });
  }
  return decoded;
}

function decode(cursor: string): EntryCursor {
  try {
    const [window, season, score, place] = content.parse(
      JSON.parse(Buffer.from(cursor, "base64url").toString()),
    );
    return { window, season, score: String(Number(score)), place: Buffer.from(place, "base64url") };
  } catch (error) {
    throw notOurCursor(error);
  }
}
