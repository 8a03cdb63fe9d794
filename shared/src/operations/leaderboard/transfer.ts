import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { wireError } from "../../wire-error.js";
import { pageCursor } from "./cursor.js";
import { seasonChoice, windowName } from "./windows.js";

export const transferFormat = z
  .enum(["ndjson", "csv"])
  .meta({ id: "TransferFormat", description: "One entry per line: JSON, or CSV after a header line." });

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
    .describe("The first 1,000 refused lines with their errors."),
  ignoredColumns: z
    .array(z.string())
    .optional()
    .describe("The unknown columns or fields that were ignored. Present only when there are some."),
});

export const transferOperations = defineOperations({
  "leaderboard.export": {
    summary: "Export all entries of a season as lines of text, best first",
    rest: { method: "GET", path: "/leaderboards/{board}/export", stream: "download" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      board: resourceId,
      format: transferFormat.default("ndjson"),
      safe: z
        .boolean()
        .optional()
        .describe(
          "In a CSV, put ' before a member that begins with = + - @, so that no spreadsheet reads it as a formula.",
        ),
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
    summary: "Set entries of the open season of a window from lines of text in the format of an export",
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
      unknownColumns: z
        .enum(["refuse", "ignore"])
        .optional()
        .describe(
          "What to do with unknown columns of a CSV or fields of a JSON line. `refuse` if not given.",
        ),
      content: z
        .string()
        .describe("The lines. Over REST this is the body, of any length; on sockets up to 1,000 lines."),
    }),
    output: importReport,
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type TransferFormat = z.infer<typeof transferFormat>;
export type ImportReport = z.infer<typeof importReport>;
