import { GrandstandError } from "@grandstand/shared/errors";
import { z } from "zod";
import { type Row, rankingMember } from "./layout.js";

/** Where a scroll stands: behind the entry of this score and ZSET member, whether it is still there or not. */
export interface EntryCursor {
  season: string;
  score: string;
  place: Buffer;
}

const content = z.tuple([z.string(), z.string().regex(/^-?[0-9.e+-]{1,32}$/), z.base64url().min(1)]);

export function encodeCursor(season: string, row: Row): string {
  const parts = [season, row.score.toString(), rankingMember(row).toString("base64url")];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws {GrandstandError} `bad_request` when it is no cursor of ours. */
export function decodeCursor(cursor: string): EntryCursor {
  try {
    const [season, score, place] = content.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { season, score, place: Buffer.from(place, "base64url") };
  } catch (error) {
    throw new GrandstandError("bad_request", "The cursor is not one of this server's", {
      issues: [{ path: "cursor", rule: "cursor", message: "must be a nextCursor of an earlier answer" }],
      cause: error,
    });
  }
}
