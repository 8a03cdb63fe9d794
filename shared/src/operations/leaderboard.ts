import { z } from "zod";
import { memberId, resourceId } from "../ids.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { profile } from "../user.js";

export const boardOrder = z.enum(["desc", "asc"]);
export const scoreOperator = z.enum(["best", "last", "sum"]);
export const boardWindow = z.enum(["all"]);
export const submitPolicy = z.enum(["server", "member"]);

const DAY_MS = 86_400_000;
const score = z.number();
const metadata = jsonObject(limits.entryMetadataBytes);

/** An entry of a board: one member's place. `rank` counts from 1. */
export const entry = z.object({
  member: memberId,
  score,
  subscore: score,
  rank: z.int().min(1),
  metadata: metadata.nullable(),
  profile: profile.nullable(),
  /** When the member reached this score. */
  reachedAt: timestamp,
});

/** A board's rules. What is left out is not limited. */
export const boardConfig = z.strictObject({
  /** Whether high scores lead (`desc`) or low ones (`asc`). */
  order: boardOrder.default("desc"),
  /** What a submit does to an entry: keep the better pair (score, subscore), replace it, or add to it. */
  operator: scoreOperator.default("best"),
  windows: z.array(boardWindow).min(1).max(1).default(["all"]),
  /** Who may write: only API keys, or also each user their own entry. */
  submit: submitPolicy.default("server"),
  /** Lowest and highest score of an entry. */
  min: score.optional(),
  max: score.optional(),
  /** Largest step from an entry's present score. */
  maxDelta: score.positive().optional(),
  /** Least time between two changes of one entry. */
  minIntervalMs: z.int().min(1).max(DAY_MS).optional(),
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
  submit: submitPolicy,
  min: score.nullable(),
  max: score.nullable(),
  maxDelta: score.nullable(),
  minIntervalMs: z.int().nullable(),
  /** How many entries it has. */
  total: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

const submission = z.strictObject({
  member: memberId,
  score,
  /** Orders entries of equal score, in the board's direction. 0 when not given. */
  subscore: score.optional(),
  /** Left as it is when not given; null clears it. */
  metadata: metadata.nullable().optional(),
  /** Instead of the board's operator; API keys only. */
  operator: scoreOperator.optional(),
});

const standing = z.object({ score, subscore: score, rank: z.int() });

const submitOutput = z.object({
  entry,
  /** The entry before the submit; null when the member is new. */
  previous: standing.nullable(),
  /** Whether the entry moved ahead in (score, subscore). True for a new one. */
  improved: z.boolean(),
  /** The member's place in each window that the submit counted in. */
  windows: z.partialRecord(
    boardWindow,
    z.object({ season: z.string(), rank: z.int(), previousRank: z.int().nullable() }),
  ),
});

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ path: z.string(), rule: z.string(), message: z.string() })).optional(),
  retryAfterMs: z.int().optional(),
});

const submitManyOutput = z.object({
  /** One result for each score, in the order sent. A refused score changes nothing and stops no other. */
  results: z.array(
    z.discriminatedUnion("ok", [
      z.object({
        ok: z.literal(true),
        member: memberId,
        score,
        subscore: score,
        rank: z.int(),
        improved: z.boolean(),
      }),
      z.object({ ok: z.literal(false), member: memberId, error: refusal }),
    ]),
  ),
});

const pageCursor = z.string().min(1).max(1024);
const entryPath = "/leaderboards/{board}/entries/{member}";

export const leaderboardOperations = defineOperations({
  "leaderboard.configure": {
    summary: "Create a board, or replace its rules",
    rest: { method: "PUT", path: "/leaderboards/{board}" },
    callers: "server",
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
    summary: "Delete a board with all its entries",
    rest: { method: "DELETE", path: "/leaderboards/{board}" },
    callers: "server",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ board: resourceId }),
    output: z.object({ deleted: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.submit": {
    summary: "Submit a score",
    rest: { method: "POST", path: "/leaderboards/{board}/scores" },
    callers: "authenticated",
    isWrite: true,
    cost: 1,
    input: submission.extend({ board: resourceId }),
    output: submitOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.submitMany": {
    summary: "Submit up to 1,000 scores, each on its own",
    rest: { method: "POST", path: "/leaderboards/{board}/scores/batch" },
    callers: "server",
    isWrite: true,
    cost: 20,
    bodyLimitBytes: limits.batchBodyBytes,
    input: z.strictObject({
      board: resourceId,
      scores: z.array(submission).min(1).max(limits.scoresPerBatch),
    }),
    output: submitManyOutput,
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.entries": {
    summary: "A page of entries, best first, by offset or by cursor",
    rest: { method: "GET", path: "/leaderboards/{board}/entries" },
    callers: "authenticated",
    isWrite: false,
    cost: 2,
    input: z
      .strictObject({
        board: resourceId,
        limit: z.int().min(1).max(limits.entriesPerPage).default(50),
        offset: z.int().min(0).optional(),
        cursor: pageCursor.optional(),
        window: boardWindow.default("all"),
      })
      .refine((input) => input.offset === undefined || input.cursor === undefined, {
        path: ["cursor"],
        message: "can't be given together with offset",
      }),
    output: z.object({
      entries: z.array(entry),
      total: z.int(),
      season: z.string(),
      /** Null when there is no entry behind this page. */
      nextCursor: z.string().nullable(),
    }),
    errors: ["not_found"],
  },
  "leaderboard.entry": {
    summary: "One member's entry",
    rest: { method: "GET", path: entryPath },
    callers: "authenticated",
    isWrite: false,
    cost: 1,
    input: z.strictObject({ board: resourceId, member: memberId, window: boardWindow.default("all") }),
    output: entry,
    errors: ["not_found"],
  },
  "leaderboard.around": {
    summary: "The entries around a member",
    rest: { method: "GET", path: `${entryPath}/around` },
    callers: "authenticated",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      board: resourceId,
      member: memberId,
      radius: z.int().min(0).max(limits.aroundRadius).default(5),
      window: boardWindow.default("all"),
    }),
    output: z.object({ entries: z.array(entry), total: z.int() }),
    errors: ["not_found"],
  },
  "leaderboard.remove": {
    summary: "Remove a member's entry",
    rest: { method: "DELETE", path: entryPath },
    callers: "server",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ board: resourceId, member: memberId }),
    output: z.object({ removed: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type Entry = z.infer<typeof entry>;
export type Board = z.infer<typeof board>;
export type BoardConfig = z.infer<typeof boardConfig>;
export type Submission = z.infer<typeof submission>;
export type SubmitResult = z.infer<typeof submitOutput>;
export type SubmitManyResult = z.infer<typeof submitManyOutput>;
export type ScoreOperator = z.infer<typeof scoreOperator>;
