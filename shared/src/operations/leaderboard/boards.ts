import { z } from "zod";
import { resourceId } from "../../ids.js";
import { timestamp } from "../../json.js";
import { limits } from "../../limits.js";
import { defineOperations } from "../../operation.js";
import { pageCursor } from "./cursor.js";
import { score } from "./entry.js";
import { boardWindow, boardWindows, timezone } from "./windows.js";

export const boardOrder = z.enum(["desc", "asc"]);
export const scoreOperator = z.enum(["best", "last", "sum"]);
export const submitPolicy = z.enum(["server", "member"]);

const DAY_MS = 86_400_000;

/** A board's rules. What is left out is not limited. */
export const boardConfig = z.strictObject({
  /** Whether high scores lead (`desc`) or low ones (`asc`). */
  order: boardOrder.default("desc"),
  /** What a submit does to an entry: keep the better pair (score, subscore), replace it, or add to it. */
  operator: scoreOperator.default("best"),
  /** The periods in which the board counts, each on its own. Reads take the first when they name none. */
  windows: boardWindows.default(["all"]),
  /** Whose midnight and Monday it is. */
  timezone: timezone.default("UTC"),
  /** Who may write: only API keys, or also each user their own entry. */
  submit: submitPolicy.default("server"),
  /** Lowest and highest score of an entry. */
  min: score.optional(),
  max: score.optional(),
  /** Largest step from an entry's present score. */
  maxDelta: score.positive().optional(),
  /** Least time between two changes of one entry. */
  minIntervalMs: z.int().min(1).max(DAY_MS).optional(),
  /** How many closed seasons of each window stay readable. */
  retainSeasons: z.int().min(1).max(limits.retainedSeasons).default(10),
  /** How many entries a season keeps: the worst go. */
  maxEntries: z.int().min(1).max(100_000_000).optional(),
});

const configureInput = boardConfig
  .extend({ board: resourceId })
  .refine((config) => config.min === undefined || config.max === undefined || config.min <= config.max, {
    path: ["min"],
    message: "must not be above max",
  });

/** A board with its rules; null where it has no limit. */
export const board = z.object({
  board: resourceId,
  order: boardOrder,
  operator: scoreOperator,
  windows: z.array(boardWindow),
  timezone: z.string(),
  submit: submitPolicy,
  min: score.nullable(),
  max: score.nullable(),
  maxDelta: score.nullable(),
  minIntervalMs: z.int().nullable(),
  retainSeasons: z.int(),
  maxEntries: z.int().nullable(),
  /** How many entries the open season of its first window has. */
  total: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

export const boardOperations = defineOperations({
  "leaderboard.configure": {
    summary: "Create a board, or replace its rules",
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
    summary: "A board's rules",
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
    summary: "The boards, by id",
    rest: { method: "GET", path: "/leaderboards" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "leaderboard:*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      limit: z.int().min(1).max(100).default(50),
      cursor: pageCursor.optional(),
    }),
    output: z.object({ boards: z.array(board), nextCursor: z.string().nullable() }),
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
    output: z.object({ deleted: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Board = z.infer<typeof board>;
export type BoardConfig = z.infer<typeof boardConfig>;
export type ScoreOperator = z.infer<typeof scoreOperator>;
