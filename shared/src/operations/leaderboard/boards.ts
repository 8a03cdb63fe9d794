import { z } from "zod";
import { resourceId } from "../../ids.js";
import { timestamp } from "../../json.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { pageCursor } from "./cursor.js";
import { exactDelta, exactScore, score } from "./entry.js";
import { boardWindow, boardWindows, fieldName, timezone } from "./windows.js";

export const boardOrder = z
  .enum(["desc", "asc"])
  .meta({ id: "BoardOrder", description: "Whether high scores (`desc`) or low scores (`asc`) rank first." });
export const scoreOperator = z.enum(["best", "last", "sum"]).meta({
  id: "ScoreOperator",
  description:
    "What a submit does to an entry: keep the better pair of score and subscore (`best`), replace it (`last`), or add to it (`sum`).",
});
export const subscoreOrder = z.enum(["same", "reverse"]).meta({
  id: "SubscoreOrder",
  description:
    "Which subscore ranks first among equal scores: in the direction of `order` (`same`), or in the opposite direction (`reverse`).",
});
export const submitPolicy = z.enum(["server", "member"]).meta({
  id: "SubmitPolicy",
  description: "Who may submit: API keys only (`server`), or also each user for its own entry (`member`).",
});

const DAY_MS = 86_400_000;

/** The rules of a board, as `leaderboard.configure` takes them. */
const rules = {
  order: boardOrder.describe("Whether high scores (`desc`, the default) or low scores (`asc`) rank first."),
  operator: scoreOperator.describe(
    "What a submit does to an entry: keep the better pair of score and subscore (`best`, the default), replace it (`last`), or add to it (`sum`).",
  ),
  windows: boardWindows.describe(
    "The periods that the board ranks by, `all` by default. A read without a window uses the first one.",
  ),
  timezone: timezone.describe("The IANA timezone that days, weeks and months begin in, UTC by default."),
  submit: submitPolicy.describe(
    "Who may submit: API keys only (`server`, the default), or also each user for its own entry (`member`).",
  ),
  retainSeasons: z
    .int()
    .min(1)
    .max(limits.retainedSeasons)
    .describe("The number of closed seasons of each window that stay readable, 10 by default."),
  subscoreOrder: subscoreOrder.describe(
    "Which subscore ranks first among equal scores: in the direction of `order` (`same`, the default), or in the opposite direction (`reverse`).",
  ),
  fields: z
    .array(fieldName)
    .max(limits.fieldsPerBoard)
    .refine((fields) => new Set(fields).size === fields.length, "must name each field once")
    .meta({ uniqueItems: true })
    .describe(
      "Metadata fields that the board also ranks by, so that reads can take `where`; none by default.",
    ),
  maxValuesPerField: z
    .int()
    .min(1)
    .max(10_000)
    .describe("The number of values that each of the `fields` may have in a season, 1,000 by default."),
};

const bounds = {
  min: exactScore,
  max: exactScore,
  maxDelta: exactDelta,
  minIntervalMs: z.int().min(1).max(DAY_MS),
  maxEntries: z.int().min(1).max(100_000_000),
};

/** The rules of a new board. A missing bound means no limit. */
export const boardConfig = z.strictObject({
  ...rules,
  order: rules.order.default("desc"),
  operator: rules.operator.default("best"),
  windows: rules.windows.default(["all"]),
  timezone: rules.timezone.default("UTC"),
  submit: rules.submit.default("server"),
  retainSeasons: rules.retainSeasons.default(10),
  subscoreOrder: rules.subscoreOrder.default("same"),
  fields: rules.fields.default([]),
  maxValuesPerField: rules.maxValuesPerField.default(limits.valuesPerField),
  ...z.object(bounds).partial().shape,
});

function removable<T extends z.ZodType>(bound: T, what: string) {
  return bound.nullable().optional().describe(`${what}; null (the default) for no limit.`);
}

/** Rules of a board. Rules that are not given stay as they are. Null removes a bound. */
const boardChanges = z.strictObject({
  ...z.object(rules).partial().shape,
  min: removable(bounds.min, "The lowest score of an entry"),
  max: removable(bounds.max, "The highest score of an entry"),
  maxDelta: removable(bounds.maxDelta, "The largest change of the score of an entry in one submit"),
  minIntervalMs: removable(bounds.minIntervalMs, "The least time between two changes of one entry"),
  maxEntries: removable(
    bounds.maxEntries,
    "The number of entries that a season keeps: the worst ones above it are dropped",
  ),
});

const configureInput = boardChanges
  .extend({ board: resourceId })
  .refine(({ min, max }) => min == null || max == null || min <= max, {
    path: ["min"],
    message: "must not be above max",
  });

/** A board with its rules; null means no limit. */
export const board = z
  .object({
    board: resourceId,
    order: boardOrder,
    operator: scoreOperator,
    windows: z.array(boardWindow).describe("The periods that the board ranks by."),
    timezone: z.string().describe("The IANA timezone that days, weeks and months begin in."),
    submit: submitPolicy,
    min: score.nullable().describe("The lowest score of an entry; null for no limit."),
    max: score.nullable().describe("The highest score of an entry; null for no limit."),
    maxDelta: score
      .nullable()
      .describe("The largest change of the score of an entry in one submit; null for no limit."),
    minIntervalMs: z
      .int()
      .nullable()
      .describe("The least time between two changes of one entry; null for no limit."),
    retainSeasons: z.int().describe("The number of closed seasons of each window that stay readable."),
    maxEntries: z.int().nullable().describe("The number of entries that a season keeps; null for no limit."),
    subscoreOrder,
    fields: z.array(fieldName).describe("The metadata fields that the board also ranks by."),
    maxValuesPerField: z
      .int()
      .describe("The number of values that each of the `fields` may have in a season."),
    total: z.int().describe("The number of entries in the open season of the first window."),
    createdAt: timestamp.describe("When it was created."),
    updatedAt: timestamp.describe("When its settings last changed."),
  })
  .meta({ id: "Board", description: "A board with its settings." });

export const boardOperations = defineOperations({
  "leaderboard.configure": {
    summary: "Create a board, or change its rules: those that are not given stay",
    rest: { method: "PUT", path: "/leaderboards/{board}" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 2,
    input: configureInput,
    output: board,
    errors: ["forbidden", "conflict"],
  },
  "leaderboard.get": {
    summary: "Read a board with its rules",
    rest: { method: "GET", path: "/leaderboards/{board}" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:{board}" },
    isWrite: false,
    cost: 1,
    input: z.strictObject({ board: resourceId }),
    output: board,
    errors: ["not_found"],
  },
  "leaderboard.list": {
    summary: "List the boards, sorted by id",
    rest: { method: "GET", path: "/leaderboards" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      limit: z.int().min(1).max(100).default(50).describe("The number of items in a page."),
      cursor: pageCursor.optional(),
    }),
    output: z.object({
      boards: z.array(board).describe("The boards, sorted by id."),
      unreadable: z
        .array(resourceId)
        .optional()
        .describe(
          "Boards of this page whose keys in Redis contain foreign data. Present only when there are some.",
        ),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: [],
  },
  "leaderboard.delete": {
    summary: "Delete a board with all its entries and seasons",
    rest: { method: "DELETE", path: "/leaderboards/{board}" },
    callers: "server",
    access: { right: "administer", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 2,
    input: z.strictObject({ board: resourceId }),
    output: z.object({ deleted: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Board = z.infer<typeof board>;
export type BoardConfig = z.infer<typeof boardConfig>;
export type BoardChanges = z.infer<typeof boardChanges>;
export type BoardOrder = z.infer<typeof boardOrder>;
export type ScoreOperator = z.infer<typeof scoreOperator>;
