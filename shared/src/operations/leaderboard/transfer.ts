import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { wireError } from "../../wire-error.js";
import { pageCursor } from "./cursor.js";
import { seasonChoice, windowName } from "./windows.js";

/** One entry a line: JSON, or CSV behind a line with the names of the columns. */
export const transferFormat = z
  .enum(["ndjson", "csv"])
  .meta({ id: "TransferFormat", description: "One entry a line: JSON, or CSV after a header line." });

const importReport = z.object({
  lines: z.int().describe("The number of entries that were read."),
  imported: z.int().describe("The number of entries that were imported."),
  refused: z.int().describe("The number of entries that were refused."),
  refusals: z
    .array(
      z.object({
        line: z.int().describe("The number of the line, counted from 1."),
        member: memberId.nullable().describe("The member of the line; null when it can't be read."),
        error: wireError.describe("Why the line was refused."),
      }),
    )
    .describe("Why, for the first 1,000 refused lines."),
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
      limit: z
        .int()
        .min(1)
        .max(limits.entriesPerPage)
        .default(limits.entriesPerPage)
        .describe("The number of entries in one response."),
      cursor: pageCursor.optional(),
    }),
    output: z.object({
      content: z.string().describe("The lines."),
      nextCursor: z
        .string()
        .nullable()
        .describe("The cursor of the next page, or null. REST streams all pages in one response."),
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
      content: z
        .string()
        .describe(
          "The lines. Over REST this is the body, of any length; on sockets a part of up to 1,000 lines.",
        ),
    }),
    output: importReport,
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type TransferFormat = z.infer<typeof transferFormat>;
export type ImportReport = z.infer<typeof importReport>;
