import { z } from "zod";
import { notOurCursor } from "./board-index.js";
import { type Row, rankingMember } from "./layout.js";
import { ALL } from "./store.js";

/** Where a scroll stands: behind the entry of this score and ZSET member, whether it is still there or not. */
export interface EntryCursor {
  score: string;
  place: Buffer;
}

const content = z.tuple([
  z.literal(ALL.season),
  z.string().refine((text) => text.trim() !== "" && Number.isFinite(Number(text))),
  z.base64url().min(1),
]);

export function encodeCursor(season: string, row: Row): string {
  const parts = [season, row.score.toString(), rankingMember(row).toString("base64url")];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws {GrandstandError} `bad_request` when it is no cursor of ours. */
export function decodeCursor(cursor: string): EntryCursor {
  try {
    const [, score, place] = content.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { score: String(Number(score)), place: Buffer.from(place, "base64url") };
  } catch (error) {
    throw notOurCursor(error);
  }
}
