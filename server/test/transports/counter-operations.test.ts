import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf, failure, issuesOf } from "../support/acks.js";
import { callDrivers } from "../support/drivers/call-drivers.js";
import type { Client } from "../support/drivers/driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

let node: TestNode;
let guest: { id: string; token: string };

beforeAll(async () => {
  node = await startTestNode();
  const { user, token } = await newGuest(node.url, "Ann");
  guest = { id: user.id, token };
});

afterAll(() => node.close());

describe.each(callDrivers)("$name", (driver) => {
  let server: Client;
  let user: Client;
  let counter: string;

  beforeEach(async () => {
    [server, user] = await Promise.all([
      driver.open(node.url, TEST_API_KEY),
      driver.open(node.url, guest.token),
    ]);
    counter = freshId("counter");
  });

  afterEach(() => Promise.all([server.close(), user.close()]));

  it("T1: every operation on totals answers as the contract says", async () => {
    const configured = {
      counter,
      kind: "total",
      value: 0,
      min: 0,
      max: 100,
      add: "anyone",
      series: ["minute"],
      thresholds: [
        { at: 3, crossedAt: null },
        { at: 50, crossedAt: null },
      ],
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    };
    const rules = { min: 0, max: 100, add: "anyone", series: ["minute"], thresholds: [50, 3] };
    expect(await server.call("counter.configure", { counter, ...rules })).toEqual({
      ok: true,
      data: configured,
    });
    expect(await user.call("counter.add", { counter })).toEqual(success({ value: 1, applied: true }));
    expect(await user.call("counter.add", { counter, by: 4 })).toEqual(success({ value: 5, applied: true }));
    expect(await user.call("counter.add", { counter, by: 0 })).toEqual(success({ value: 5, applied: false }));
    expect(await user.call("counter.get", { counter })).toEqual({
      ok: true,
      data: {
        ...configured,
        value: 5,
        thresholds: [
          { at: 3, crossedAt: expect.stringMatching(/Z$/) },
          { at: 50, crossedAt: null },
        ],
      },
    });
    expect(await user.call("counter.series", { counter, interval: "minute", last: 5 })).toMatchObject({
      ok: true,
      data: { interval: "minute", points: { length: 5 } },
    });
    expect(await server.call("counter.set", { counter, value: 40 })).toEqual(
      success({ value: 40, previous: 5 }),
    );
    expect(await server.call("counter.reset", { counter })).toEqual(success({ previous: 40 }));
    const untouched = freshId("counter");
    expect(await user.call("counter.getMany", { counters: [untouched, counter] })).toEqual(
      success({
        counters: [
          { counter: untouched, kind: "total", value: 0 },
          { counter, kind: "total", value: 0 },
        ],
      }),
    );
    expect(await user.call("counter.list", { prefix: counter.slice(0, -2) })).toMatchObject({
      ok: true,
      data: { counters: [{ counter, max: 100 }], nextCursor: null },
    });
    await eventually(async () =>
      expect(await user.call("counter.trending", { prefix: counter, limit: 3 })).toEqual(
        success({ counters: [{ counter, kind: "total", value: 0, growth: 5 }] }),
      ),
    );
    expect(await server.call("counter.delete", { counter })).toEqual(success({ deleted: true }));
    expect(await server.call("counter.delete", { counter })).toMatchObject(failure("not_found"));
    expect(dataOf(await user.call("counter.list", { prefix: counter })).counters).toEqual([]);
  });

  it("T1, CN5: each visitor counts once, and a user can only count itself", async () => {
    await server.call("counter.configure", { counter, kind: "unique", add: "anyone", series: ["day"] });
    const visit = { counter, visitor: "bo é" };
    expect(await server.call("counter.visit", visit)).toEqual(success({ unique: 1, counted: true }));
    expect(await server.call("counter.visit", visit)).toEqual(success({ unique: 1, counted: false }));
    expect(await user.call("counter.visit", { counter })).toEqual(success({ unique: 2, counted: true }));
    expect(await user.call("counter.visit", { counter, visitor: guest.id })).toEqual(
      success({ unique: 2, counted: false }),
    );
    expect(await user.call("counter.visit", visit)).toMatchObject(failure("forbidden"));
    const nobody = await server.call("counter.visit", { counter });
    expect(nobody).toMatchObject({ error: { code: "bad_request", issues: [{ path: "visitor" }] } });
    const day = dataOf(await user.call("counter.series", { counter, interval: "day", last: 1 }));
    expect(day.points).toMatchObject([{ count: 2 }]);
    expect(await server.call("counter.reset", { counter })).toEqual(success({ previous: 2 }));
    expect(await server.call("counter.visit", visit)).toEqual(success({ unique: 1, counted: true }));
  });

  it("a counter that was never configured is a total that only servers may write to", async () => {
    expect(await user.call("counter.get", { counter })).toEqual(
      success({
        counter,
        kind: "total",
        value: 0,
        min: null,
        max: null,
        add: "server",
        series: [],
        thresholds: [],
        createdAt: null,
      }),
    );
    expect(await user.call("counter.add", { counter })).toMatchObject(failure("forbidden"));
    expect(await server.call("counter.reset", { counter })).toEqual(success({ previous: 0 }));
    const listed = async () => dataOf(await server.call("counter.list", { prefix: counter })).counters;
    expect(await listed()).toEqual([]);
    expect(await server.call("counter.add", { counter, by: 2 })).toEqual(
      success({ value: 2, applied: true }),
    );
    expect(await listed()).toMatchObject([{ counter, value: 2 }]);
  });

  it("a user can't configure, set, reset or delete a counter, or, by default, add to it", async () => {
    await server.call("counter.configure", { counter });
    for (const [operation, input] of [
      ["counter.configure", { counter, add: "anyone" }],
      ["counter.set", { counter, value: 1 }],
      ["counter.reset", { counter }],
      ["counter.delete", { counter }],
      ["counter.add", { counter }],
    ] as const) {
      expect(await user.call(operation, input)).toMatchObject(failure("forbidden"));
    }
    expect(dataOf(await user.call("counter.get", { counter })).value).toBe(0);
  });

  it("CN1: an add that would exceed `min` or `max`, or overflow, is a `conflict` and changes nothing", async () => {
    await server.call("counter.configure", { counter, min: -2, max: 2 });
    for (const [by, rule] of [
      [3, "max"],
      [-3, "min"],
      [Number.MAX_SAFE_INTEGER, "max"],
    ] as const) {
      expect(await server.call("counter.add", { counter, by })).toMatchObject({
        error: { code: "conflict", issues: [{ path: "value", rule }] },
      });
    }
    expect(await server.call("counter.set", { counter, value: 3 })).toMatchObject(failure("conflict"));
    expect(dataOf(await user.call("counter.get", { counter })).value).toBe(0);
    await server.call("counter.configure", { counter, min: null, max: null });
    await server.call("counter.set", { counter, value: Number.MAX_SAFE_INTEGER });
    expect(await server.call("counter.add", { counter })).toMatchObject({
      error: { code: "conflict", issues: [{ path: "value", rule: "overflow" }] },
    });
    expect(dataOf(await user.call("counter.get", { counter })).value).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("an operation that does not fit the kind or the value of a counter is a `conflict`", async () => {
    await server.call("counter.configure", { counter, kind: "unique" });
    const kind = { error: { code: "conflict", issues: [{ path: "counter", rule: "kind" }] } };
    expect(await server.call("counter.add", { counter })).toMatchObject(kind);
    expect(await server.call("counter.set", { counter, value: 1 })).toMatchObject(kind);
    expect(await server.call("counter.configure", { counter, kind: "total" })).toMatchObject({
      error: { code: "conflict", issues: [{ path: "kind", rule: "kindStays" }] },
    });
    const total = freshId("counter");
    await server.call("counter.add", { counter: total, by: 5 });
    expect(await server.call("counter.visit", { counter: total, visitor: "ann" })).toMatchObject(kind);
    expect(await server.call("counter.configure", { counter: total, max: 4 })).toMatchObject({
      error: { code: "conflict", issues: [{ path: "value", rule: "max" }] },
    });
  });

  it.each([
    ["counter.add", { by: 1.5 }, "by", "must be a whole number"],
    ["counter.add", { by: 2 ** 53 }, "by", "must be at most 9007199254740991"],
    ["counter.add", { by: "x" }, "by", "must be a finite number"],
    ["counter.set", {}, "value", "is required"],
    ["counter.configure", { min: 2, max: 1 }, "min", "must not be above max"],
    [
      "counter.configure",
      { kind: "unique", max: 1 },
      "kind",
      "can't be unique with min or max: visitors can't be refused",
    ],
    ["counter.configure", { series: ["day", "day"] }, "series", "must name each interval once"],
    ["counter.configure", { thresholds: [5, 5] }, "thresholds", "must name each value once"],
    ["counter.configure", { add: "nobody" }, "add", "must be one of anyone, server"],
    ["counter.series", { interval: "week" }, "interval", "must be one of minute, hour, day"],
    [
      "counter.series",
      { interval: "day", last: 367 },
      "last",
      "must be at most 1440 minutes, 720 hours or 366 days",
    ],
  ])("%s refuses invalid input: %j", async (operation, input, path, message) => {
    const refused = await server.call(operation, { counter, ...input });
    expect(refused).toMatchObject(failure("bad_request"));
    expect(issuesOf(refused)).toContainEqual(expect.objectContaining({ path, message }));
  });

  it("a series of an interval that the counter does not keep is `not_found`, and a forged cursor is `bad_request`", async () => {
    await server.call("counter.configure", { counter, series: ["hour"] });
    const series = { counter, interval: "minute" };
    expect(await user.call("counter.series", series)).toMatchObject(failure("not_found"));
    expect(await user.call("counter.list", { cursor: "never ours" })).toMatchObject({
      error: { code: "bad_request", issues: [{ path: "cursor" }] },
    });
  });

  it("T9: an add that is repeated with its idempotency key has no second effect and gets the first reply", async () => {
    await server.call("counter.configure", { counter, add: "anyone" });
    const add = { counter, by: 5, idempotencyKey: freshId("key") };
    const first = await server.call("counter.add", add);
    await server.call("counter.add", { counter, by: 100 });
    expect(await server.call("counter.add", add)).toEqual(first);
    expect(dataOf(await server.call("counter.get", { counter })).value).toBe(105);
    const other = await server.call("counter.add", { ...add, by: 6 });
    expect(other).toMatchObject({ error: { code: "conflict", issues: [{ path: "idempotencyKey" }] } });
    // An idempotency key belongs to its caller, so the same key from the user begins a new add.
    expect(await user.call("counter.add", add)).toEqual(success({ value: 110, applied: true }));
  });

  it("T9: a set, reset, visit, configure or delete that is repeated with its idempotency key has no second effect", async () => {
    const key = () => ({ idempotencyKey: freshId("key") });
    const set = { counter, value: 7, ...key() };
    const reset = { counter, ...key() };
    expect(await server.call("counter.set", set)).toEqual(success({ value: 7, previous: 0 }));
    await server.call("counter.set", { counter, value: 9 });
    expect(await server.call("counter.set", set)).toEqual(success({ value: 7, previous: 0 }));
    expect(await server.call("counter.reset", reset)).toEqual(success({ previous: 9 }));
    await server.call("counter.add", { counter });
    expect(await server.call("counter.reset", reset)).toEqual(success({ previous: 9 }));
    expect(dataOf(await server.call("counter.get", { counter })).value).toBe(1);

    const deletion = { counter, ...key() };
    expect(await server.call("counter.delete", deletion)).toEqual(success({ deleted: true }));
    const configure = { counter, kind: "unique", ...key() };
    const configured = await server.call("counter.configure", configure);
    expect(await server.call("counter.delete", deletion)).toEqual(success({ deleted: true }));
    const visit = { counter, visitor: "ann", ...key() };
    expect(await server.call("counter.visit", visit)).toEqual(success({ unique: 1, counted: true }));
    expect(await server.call("counter.visit", visit)).toEqual(success({ unique: 1, counted: true }));
    await server.call("counter.configure", { counter, kind: "unique", add: "anyone" });
    expect(await server.call("counter.configure", configure)).toEqual(configured);
    expect(dataOf(await server.call("counter.get", { counter })).add).toBe("anyone");
  });

  it("T9: an add that was refused may be sent again with its idempotency key", async () => {
    await server.call("counter.configure", { counter, max: 1 });
    const add = { counter, by: 2, idempotencyKey: freshId("key") };
    expect(await server.call("counter.add", add)).toMatchObject(failure("conflict"));
    await server.call("counter.configure", { counter, max: 2 });
    expect(await server.call("counter.add", add)).toEqual(success({ value: 2, applied: true }));
  });

  it("counter.list pages through the counters whose ids begin with a prefix", async () => {
    const prefix = freshId("shop");
    const ids = Array.from({ length: 5 }, (_, at) => `${prefix}:${at}`);
    for (const id of [...ids, `${prefix}x`]) await server.call("counter.set", { counter: id, value: 1 });
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const input = { prefix: `${prefix}:`, limit: 2, ...(cursor !== undefined && { cursor }) };
      const { counters, nextCursor } = dataOf(await user.call("counter.list", input));
      found.push(...counters.map((one: { counter: string }) => one.counter));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    expect(found).toEqual(ids);
    const { nextCursor } = dataOf(await user.call("counter.list", { prefix: `${prefix}:`, limit: 1 }));
    const other = dataOf(await user.call("counter.list", { prefix: `${prefix}x`, cursor: nextCursor }));
    expect(other.counters).toMatchObject([{ counter: `${prefix}x` }]);
  });
});

function success(data: object) {
  return { ok: true, data };
}
