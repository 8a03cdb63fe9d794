import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { wireError } from "../../wire-error.js";
import { pageCursor } from "./cursor.js";
import { seasonChoice, windowName } from "./windows.js";

/** One entry a line: JSON, or CSV behind a line with the names of the columns. */
export const transferFormat = z.enum(["ndjson", "csv"]);

const importReport = z.object({
  /** How many entries were read. */
  lines: z.int(),
  imported: z.int(),
  refused: z.int(),
  /** Why, by line from 1, for the first 1,000 of them. */
  refusals: z.array(z.object({ line: z.int(), member: memberId.nullable(), error: wireError })),
});

export const transferOperations = defineOperations({
  "leaderboard.export": {
    summary: "All entries of a season, best first, as lines of text",
    rest: { method: "GET", path: "/leaderboards/{board}/export", stream: "download" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      board: resourceId,
      format: transferFormat.default("ndjson"),
      ...seasonChoice,
      /** How many entries one answer holds. */
      limit: z.int().min(1).max(limits.entriesPerPage).default(limits.entriesPerPage),
      cursor: pageCursor.optional(),
    }),
    output: z.object({
      content: z.string(),
      /** Over REST the answer goes on to the end by itself. */
      nextCursor: z.string().nullable(),
    }),
    errors: ["forbidden", "not_found"],
  },
  "leaderboard.import": {
    summary: "Set entries of a window's open season from lines of text, as an export writes them",
    rest: { method: "POST", path: "/leaderboards/{board}/import", stream: "upload" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 20,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      board: resourceId,
      format: transferFormat.default("ndjson"),
      window: windowName.optional(),
      /** Over REST the body, of any length; on sockets a part of up to 1,000 lines. */
      content: z.string(),
    }),
    output: importReport,
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type TransferFormat = z.infer<typeof transferFormat>;
export type ImportReport = z.infer<typeof importReport>;
