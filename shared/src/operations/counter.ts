import { z } from "zod";
import { memberId, resourceId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";

export const counterKind = z.enum(["total", "unique"]).meta({
  id: "CounterKind",
  description: "`total` adds up increments; `unique` estimates the number of distinct visitors.",
});
export const addPolicy = z.enum(["anyone", "server"]).meta({
  id: "AddPolicy",
  description: "Who may add and visit: every caller with credentials, or API keys only.",
});
export const seriesInterval = z
  .enum(["minute", "hour", "day"])
  .meta({ id: "SeriesInterval", description: "The length of the intervals of a series." });

/** A value or an increment. Numbers within ±(2^53 - 1) are exact. */
const whole = z
  .int()
  .meta({ id: "WholeNumber", description: "A whole number from -(2^53 - 1) to 2^53 - 1." });

/** Rules of a counter. Rules that are not given stay as they are. */
export const counterConfig = z.strictObject({
  kind: counterKind
    .optional()
    .describe("What the counter counts: `total` when not given. It can't be changed later."),
  min: whole
    .nullable()
    .optional()
    .describe("The lowest value, for totals only; null (the default) for no limit."),
  max: whole
    .nullable()
    .optional()
    .describe("The highest value, for totals only; null (the default) for no limit."),
  add: addPolicy.optional().describe("Who may add and visit, `server` by default."),
  series: z
    .array(seriesInterval)
    .max(3)
    .meta({ uniqueItems: true })
    .optional()
    .describe("The intervals of the series that the counter keeps, none by default."),
  thresholds: z
    .array(whole)
    .max(limits.counterThresholds)
    .meta({ uniqueItems: true })
    .optional()
    .describe("Values that publish `counter.threshold` when the counter first reaches or passes them."),
});

const configureInput = counterConfig
  .extend({ counter: resourceId })
  .refine(({ min, max }) => min == null || max == null || min <= max, {
    path: ["min"],
    message: "must not be above max",
  })
  .refine(({ kind, min, max }) => kind !== "unique" || (min == null && max == null), {
    path: ["kind"],
    message: "can't be unique with min or max: visitors can't be refused",
  })
  .refine(({ series = [] }) => new Set(series).size === series.length, {
    path: ["series"],
    message: "must name each interval once",
  })
  .refine(({ thresholds = [] }) => new Set(thresholds).size === thresholds.length, {
    path: ["thresholds"],
    message: "must name each value once",
  });

/** A counter with its rules; null means no limit. A counter that was never written to has the value 0. */
export const counter = z
  .object({
    counter: resourceId,
    kind: counterKind,
    value: whole.describe("The total, or the number of distinct visitors."),
    min: whole.nullable().describe("The lowest value; null for no limit."),
    max: whole.nullable().describe("The highest value; null for no limit."),
    add: addPolicy,
    series: z.array(seriesInterval).describe("The intervals of the series that the counter keeps."),
    thresholds: z
      .array(
        z.object({
          at: whole.describe("The threshold."),
          crossedAt: timestamp
            .nullable()
            .describe("When the value first reached or passed it; null when it has not."),
        }),
      )
      .describe("The thresholds, lowest first."),
    createdAt: timestamp
      .nullable()
      .describe("When the counter was created; null while nothing was written to it."),
  })
  .meta({
    id: "Counter",
    description: "A counter with its settings. A counter that was never written to has the value 0.",
  });

/** A field of replies that list counters. It names the counters that the list leaves out, because they can't be read. */
const unreadable = z
  .array(resourceId)
  .optional()
  .describe("Counters whose keys in Redis contain foreign data. Present only when there are some.");

export const counterValue = z
  .object({
    counter: resourceId,
    kind: counterKind,
    value: whole.describe("The total, or the number of distinct visitors."),
  })
  .meta({ id: "CounterValue", description: "The value of a counter." });

const seriesInput = z
  .strictObject({
    counter: resourceId,
    interval: seriesInterval,
    last: z.int().min(1).default(60).describe("The number of intervals, including the current one."),
  })
  .refine(({ interval, last }) => last <= limits.counterSeries[interval], {
    path: ["last"],
    message: `must be at most ${limits.counterSeries.minute} minutes, ${limits.counterSeries.hour} hours or ${limits.counterSeries.day} days`,
  });

const idPrefix = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/, "must be a valid beginning of a counter id");

const named = z.strictObject({ counter: resourceId });
const path = "/counters/{counter}";

export const counterOperations = defineOperations({
  "counter.configure": {
    summary: "Create a counter, or change its rules: those that are not given stay",
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
    summary: "Read a counter with its rules",
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
    summary: "Read the values of up to 1,000 counters, in the order of the request",
    rest: { method: "POST", path: "/counters/lookup" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{counters}" },
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      counters: z.array(resourceId).min(1).max(limits.countersPerLookup).describe("The ids of the counters."),
    }),
    bodyLimitBytes: limits.batchBodyBytes,
    output: z.object({
      counters: z.array(counterValue).describe("The counters, in the order of the request."),
      unreadable,
    }),
    errors: [],
  },
  "counter.list": {
    summary: "List the counters, sorted by id",
    rest: { method: "GET", path: "/counters" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{prefix}*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      prefix: idPrefix.optional().describe("Return only counters whose id begins with this."),
      limit: z.int().min(1).max(100).default(50).describe("The number of items in a page."),
      cursor: z.string().min(1).max(1024).optional().describe("The `nextCursor` of an earlier page."),
    }),
    output: z.object({
      counters: z.array(counter).describe("The counters, sorted by id."),
      unreadable,
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: [],
  },
  "counter.delete": {
    summary: "Delete a counter and its series",
    rest: { method: "DELETE", path },
    callers: "server",
    access: { right: "administer", channel: "counter:{counter}" },
    isWrite: true,
    cost: 2,
    input: named,
    output: z.object({ deleted: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "counter.add": {
    summary: "Add to a total",
    rest: { method: "POST", path: `${path}/add` },
    callers: "authenticated",
    access: { right: "submit", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      counter: resourceId,
      by: whole.default(1).describe("The increment. It may be negative."),
    }),
    output: z.object({
      value: whole.describe("The total directly after this increment."),
      applied: z.boolean().describe("Whether the total changed. False only for an increment of 0."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "counter.set": {
    summary: "Set a total and reset its thresholds",
    rest: { method: "PUT", path: `${path}/value` },
    callers: "server",
    access: { right: "moderate", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({ counter: resourceId, value: whole.describe("The new total.") }),
    output: z.object({
      value: whole.describe("The new total."),
      previous: whole.describe("The total before."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "counter.reset": {
    summary: "Read a counter and reset it to 0, atomically",
    rest: { method: "POST", path: `${path}/reset` },
    callers: "server",
    access: { right: "moderate", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: named,
    output: z.object({ previous: whole.describe("The value before the reset.") }),
    errors: ["forbidden", "conflict"],
  },
  "counter.visit": {
    summary: "Count a distinct visitor",
    rest: { method: "POST", path: `${path}/visits` },
    callers: "authenticated",
    access: { right: "submit", channel: "counter:{counter}" },
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      counter: resourceId,
      visitor: memberId
        .optional()
        .describe(
          "The visitor. Required for an API key. A user can only be its own visitor and may omit it.",
        ),
    }),
    output: z.object({
      unique: whole.describe("The number of distinct visitors, including this one."),
      counted: z
        .boolean()
        .describe("Whether the visit raised the estimate. True means that the visitor is new."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "counter.series": {
    summary: "Read what was counted in each of the last minutes, hours or days",
    rest: { method: "GET", path: `${path}/series` },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{counter}" },
    isWrite: false,
    cost: 2,
    input: seriesInput,
    output: z.object({
      interval: seriesInterval,
      points: z
        .array(
          z.object({
            at: timestamp.describe("When the interval began."),
            count: whole.describe(
              "The sum of all increments in the interval, or the number of distinct visitors.",
            ),
          }),
        )
        .describe(
          "One item for each interval, oldest first. The last interval is the current one. Days begin at midnight UTC.",
        ),
    }),
    errors: ["not_found"],
  },
  "counter.trending": {
    summary: "List the counters that grew most in the last hour",
    rest: { method: "GET", path: "/trending/counters" },
    callers: "authenticated",
    access: { right: "subscribe", channel: "counter:{prefix}*" },
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      prefix: idPrefix.optional().describe("Return only counters whose id begins with this."),
      limit: z
        .int()
        .min(1)
        .max(limits.trendingCounters)
        .default(10)
        .describe("The number of items in a page."),
    }),
    output: z.object({
      counters: z
        .array(
          counterValue.extend({
            growth: whole.describe(
              "How much increments and visits raised the counter in the last hour. Sets and resets don't count.",
            ),
          }),
        )
        .describe("The counters, largest growth first."),
    }),
    errors: [],
  },
});

export type Counter = z.infer<typeof counter>;
export type CounterConfig = z.infer<typeof counterConfig>;
export type CounterKind = z.infer<typeof counterKind>;
export type SeriesInterval = z.infer<typeof seriesInterval>;
