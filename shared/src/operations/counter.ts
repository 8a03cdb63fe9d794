import { z } from "zod";
import { memberId, resourceId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";

export const counterKind = z.enum(["total", "unique"]);
export const addPolicy = z.enum(["anyone", "server"]);
export const seriesInterval = z.enum(["minute", "hour", "day"]);

/** A counter's value and every step of it: exact, so within 2^53 - 1 to either side of zero. */
const whole = z.int();

/** A counter's rules. What is left out is not limited, and not kept. */
export const counterConfig = z.strictObject({
  /** Whether it adds up steps (`total`) or counts different visitors (`unique`). It can't change later. */
  kind: counterKind.default("total"),
  /** Lowest and highest value; for totals only. */
  min: whole.optional(),
  max: whole.optional(),
  /** Who may add and visit: only API keys, or every caller with credentials. */
  add: addPolicy.default("server"),
  /** The intervals that what is counted is also kept by. */
  series: z.array(seriesInterval).max(3).default([]),
  /** Values that are told of, as `counter.threshold`, the first time that the counter comes to or past them. */
  thresholds: z.array(whole).max(limits.counterThresholds).default([]),
});

const configureInput = counterConfig
  .extend({ counter: resourceId })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
    path: ["min"],
    message: "must not be above max",
  })
  .refine(({ kind, min, max }) => kind === "total" || (min === undefined && max === undefined), {
    path: ["kind"],
    message: "can't be unique with min or max: visitors can't be refused",
  })
  .refine(({ series }) => new Set(series).size === series.length, {
    path: ["series"],
    message: "must name each interval once",
  })
  .refine(({ thresholds }) => new Set(thresholds).size === thresholds.length, {
    path: ["thresholds"],
    message: "must name each value once",
  });

/** A counter with its rules; null where it has no limit. One that was never written to reads as 0. */
export const counter = z.object({
  counter: resourceId,
  kind: counterKind,
  /** The total, or how many different visitors there were. */
  value: whole,
  min: whole.nullable(),
  max: whole.nullable(),
  add: addPolicy,
  series: z.array(seriesInterval),
  /** In rising order, each with when it was crossed; null when it was not yet. */
  thresholds: z.array(z.object({ at: whole, crossedAt: timestamp.nullable() })),
  /** Null while nothing was written to it. */
  createdAt: timestamp.nullable(),
});

const counterValue = z.object({ counter: resourceId, kind: counterKind, value: whole });

const seriesInput = z
  .strictObject({
    counter: resourceId,
    interval: seriesInterval,
    /** How many intervals, the one under way included. */
    last: z.int().min(1).default(60),
  })
  .refine(({ interval, last }) => last <= limits.counterSeries[interval], {
    path: ["last"],
    message: `must be at most ${limits.counterSeries.minute} minutes, ${limits.counterSeries.hour} hours or ${limits.counterSeries.day} days`,
  });

const idPrefix = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/, "must be the beginning of a counter's id");

const named = z.strictObject({ counter: resourceId });
const path = "/counters/{counter}";

export const counterOperations = defineOperations({
  "counter.configure": {
    summary: "Create a counter, or replace its rules",
    rest: { method: "PUT", path },
    callers: "server",
    access: { right: "administer", channel: "counter:{counter}" },
    isWrite: true,
    cost: 2,
    input: configureInput,
    output: counter,
    errors: ["forbidden", "conflict"],
  },
  "counter.get": {
    summary: "A counter's value and rules",
    rest: { method: "GET", path },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{counter}" },
    isWrite: false,
    cost: 1,
    input: named,
    output: counter,
    errors: [],
  },
  "counter.getMany": {
    summary: "The values of up to 1,000 counters, in the order asked for",
    rest: { method: "POST", path: "/counters/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{counters}" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({ counters: z.array(resourceId).min(1).max(limits.countersPerLookup) }),
    bodyLimitBytes: limits.batchBodyBytes,
    output: z.object({ counters: z.array(counterValue) }),
    errors: [],
  },
  "counter.list": {
    summary: "The counters, by id",
    rest: { method: "GET", path: "/counters" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{prefix}*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      /** Only those whose id begins with it. */
      prefix: idPrefix.optional(),
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().min(1).max(1024).optional(),
    }),
    output: z.object({ counters: z.array(counter), nextCursor: z.string().nullable() }),
    errors: [],
  },
  "counter.delete": {
    summary: "Delete a counter with its series",
    rest: { method: "DELETE", path },
    callers: "server",
    access: { right: "administer", channel: "counter:{counter}" },
    isWrite: true,
    cost: 2,
    input: named,
    output: z.object({ deleted: z.literal(true) }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "counter.add": {
    summary: "Add to a total",
    rest: { method: "POST", path: `${path}/add` },
    callers: "authenticated",
    access: { right: "submit", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ counter: resourceId, by: whole.default(1) }),
    output: z.object({
      /** The total right after this step, before any other. */
      value: whole,
      /** Whether it changed the total: false only for a `by` of 0. */
      applied: z.boolean(),
    }),
    errors: ["forbidden", "conflict"],
  },
  "counter.set": {
    summary: "Set a total, and arm its thresholds anew",
    rest: { method: "PUT", path: `${path}/value` },
    callers: "server",
    access: { right: "moderate", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ counter: resourceId, value: whole }),
    output: z.object({ value: whole, previous: whole }),
    errors: ["forbidden", "conflict"],
  },
  "counter.reset": {
    summary: "Read a counter and clear it, in one step",
    rest: { method: "POST", path: `${path}/reset` },
    callers: "server",
    access: { right: "moderate", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: named,
    output: z.object({ previous: whole }),
    errors: ["forbidden", "conflict"],
  },
  "counter.visit": {
    summary: "Count a visitor once",
    rest: { method: "POST", path: `${path}/visits` },
    callers: "authenticated",
    access: { right: "submit", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      counter: resourceId,
      /** Who visits. A user visits as itself: its own id when not given, and no other. */
      visitor: memberId.optional(),
    }),
    output: z.object({
      /** How many different visitors there were, this one included. */
      unique: whole,
      /** Whether this visitor is known to be a new one. */
      counted: z.boolean(),
    }),
    errors: ["forbidden", "conflict"],
  },
  "counter.series": {
    summary: "What was counted in each of the last minutes, hours or days",
    rest: { method: "GET", path: `${path}/series` },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{counter}" },
    isWrite: false,
    cost: 2,
    input: seriesInput,
    output: z.object({
      interval: seriesInterval,
      /** Oldest first and none left out; the last one is under way. Days are those of UTC. */
      points: z.array(
        z.object({
          /** When the interval began. */
          at: timestamp,
          /** The sum of all steps in it, or how many different visitors came. */
          count: whole,
        }),
      ),
    }),
    errors: ["not_found"],
  },
  "counter.trending": {
    summary: "The counters that grew most over the last hour",
    rest: { method: "GET", path: "/trending/counters" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{prefix}*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      /** Only those whose id begins with it. */
      prefix: idPrefix.optional(),
      limit: z.int().min(1).max(limits.trendingCounters).default(10),
    }),
    output: z.object({
      /** Fastest first. */
      counters: z.array(
        counterValue.extend({
          /** By how much steps and visits raised it in the last hour, sets and resets aside. */
          growth: whole,
        }),
      ),
    }),
    errors: [],
  },
});

export type Counter = z.infer<typeof counter>;
export type CounterConfig = z.infer<typeof counterConfig>;
export type CounterKind = z.infer<typeof counterKind>;
export type SeriesInterval = z.infer<typeof seriesInterval>;
