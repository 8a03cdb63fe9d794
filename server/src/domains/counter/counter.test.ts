import type { CounterConfig } from "@grandstand/shared/operations/counter";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import { isCluster } from "../../../test/support/redis-client.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import { counterHandlers } from "./handlers.js";
import { crossingsOf } from "./rules.js";

type Handlers = ReturnType<typeof counterHandlers>;

let fixture: DomainFixture;
/** The handlers of two nodes, each of which batches its own calls. */
let nodes: [Handlers, Handlers];
let counters: Handlers;
let counter: string;

beforeAll(async () => {
  fixture = await domainFixture();
  const handlers = () => counterHandlers(fixture.dependencies);
  nodes = [handlers(), handlers()];
  counters = nodes[0];
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  counter = freshId("counter");
});

function configure(rules: Partial<CounterConfig> = {}) {
  const config: CounterConfig = { kind: "total", add: "server", series: [], thresholds: [], ...rules };
  return counters["counter.configure"]({ counter, ...config }, serverCall);
}

function add(by = 1, node = counters) {
  return node["counter.add"]({ counter, by }, serverCall);
}

function visit(visitor: string, node = counters) {
  return node["counter.visit"]({ counter, visitor }, serverCall);
}

function get() {
  return counters["counter.get"]({ counter }, serverCall);
}

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

describe("totals", () => {
  it("CN1: n concurrent increments add exactly n; each caller gets a different value", async () => {
    const answers = await Promise.all(times(3_000, (at) => add(1, nodes[at % 2])));
    const values = answers.map(({ value }) => value).sort((one, other) => one - other);
    expect(values).toEqual(times(3_000, (at) => at + 1));
    expect((await get()).value).toBe(3_000);
  });

  it("CN1: concurrent adds are applied, or refused at a bound, one by one in the order of their arrival", async () => {
    await configure({ min: 0 });
    await counters["counter.set"]({ counter, value: 10 }, serverCall);
    const steps = [-4, -7, -4, -3, 5, -7, 1];
    const outcomes = await Promise.allSettled(steps.map((by) => add(by)));
    const shown = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.value : "refused",
    );
    expect(shown).toEqual([6, "refused", 2, "refused", 7, 0, 1]);
  });

  it("CN2: `reset` reads and clears in one step: no concurrent add is lost", async () => {
    const resets: Promise<{ previous: number }>[] = [];
    const additions: Promise<unknown>[] = [];
    for (let round = 0; round < 40; round += 1) {
      additions.push(...times(25, (at) => add(1, nodes[at % 2])));
      resets.push(nodes[round % 2]!["counter.reset"]({ counter }, serverCall));
      await resets.at(-1);
    }
    await Promise.all(additions);
    const cleared = (await Promise.all(resets)).reduce((sum, { previous }) => sum + previous, 0);
    expect(cleared + (await get()).value).toBe(1_000);
    expect(cleared).toBeGreaterThan(0);
  });

  it("T9: a repeated add gets the first answer, on the same node or another, in the same batch or later", async () => {
    const idempotency = idempotencyOf("server:test", "counter.add", "k", { counter, by: 2 });
    const call = { ...serverCall, idempotency };
    await add(1);
    const repeats = await Promise.all(
      times(6, (at) => nodes[at % 2]!["counter.add"]({ counter, by: 2 }, call)),
    );
    await add(1);
    repeats.push(await nodes[1]["counter.add"]({ counter, by: 2 }, call));
    expect(new Set(repeats.map(({ value }) => value))).toEqual(new Set([3]));
    expect((await get()).value).toBe(4);
  });

  it("a counter whose bounds exclude 0 begins at the bound nearest to 0, and a reset returns it to that bound", async () => {
    expect(await configure({ min: 5, max: 9 })).toMatchObject({ value: 5 });
    await add(2);
    expect(await counters["counter.reset"]({ counter }, serverCall)).toEqual({ previous: 7 });
    expect((await get()).value).toBe(5);
  });

  it("`configure` changes only the rules in its input, and null removes a bound", async () => {
    await configure({ min: 0, max: 5, series: ["day"], thresholds: [1, 2, 3] });
    await add(2);
    const change = (rules: object) => counters["counter.configure"]({ counter, ...rules }, serverCall);
    const before = await get();
    expect(await change({})).toEqual(before);
    expect(await change({ min: null, add: "anyone" })).toEqual({ ...before, min: null, add: "anyone" });
    await expect(change({ min: 6 })).rejects.toMatchObject({ code: "conflict", issues: [{ path: "min" }] });
    const changed = await change({ max: 10, thresholds: [8, 2] });
    expect(changed).toMatchObject({ min: null, max: 10, series: ["day"], add: "anyone" });
    expect(changed.thresholds).toEqual([
      { at: 2, crossedAt: expect.any(String) },
      { at: 8, crossedAt: null },
    ]);
  });

  it("crossings are read oldest first, also after `configure` named the thresholds in another order", async () => {
    await configure({ thresholds: [1, 2] });
    await add(1);
    await add(1);
    await configure({ thresholds: [2, 1] });
    const crossed = await fixture.redis.commands.hget(fixture.keys.counter(counter).meta, "crossed");
    expect(crossingsOf(crossed ?? "").map(({ threshold }) => threshold)).toEqual([1, 2]);
  });
});

describe("unique counters", () => {
  it("CN5: the error of a unique counter is below 1 %, and two visits of one visitor count once", async () => {
    await configure({ kind: "unique" });
    // A single HyperLogLog would estimate these 60,000 visitors as 60,972, which is an error of 1.6 %.
    const visitors = 60_000;
    const checks = new Set([10, 100, 1_000, 10_000, visitors]);
    for (let from = 0, to = 0; from < visitors; from = to) {
      to = Math.min(visitors, from + (from < 1_000 ? 10 : 1_000));
      const first = await Promise.all(times(to - from, (at) => visit(`guest${from + at}`, nodes[at % 2])));
      expect(first.length).toBe(to - from);
      if (!checks.has(to)) continue;
      const { value } = await get();
      expect(Math.abs(value - to) / to).toBeLessThan(0.01);
      const again = await Promise.all(times(Math.min(to, 1_000), (at) => visit(`guest${at}`)));
      expect(again.every(({ counted, unique }) => !counted && unique === value)).toBe(true);
    }
  });

  it("the series of a unique counter counts each visitor once per interval, even after a reset", async () => {
    await configure({ kind: "unique", series: ["minute", "day"] });
    await Promise.all(["ann", "bo", "ann"].map((visitor) => visit(visitor)));
    await visit("bo");
    const series = { counter, interval: "day" as const, last: 2 };
    expect((await counters["counter.series"](series, serverCall)).points).toMatchObject([
      { count: 0 },
      { count: 2 },
    ]);
    await counters["counter.reset"]({ counter }, serverCall);
    expect((await visit("ann")).counted).toBe(true);
    expect((await counters["counter.series"](series, serverCall)).points[1]).toMatchObject({ count: 2 });
  });
});

it("`list` and `getMany` report counters whose keys contain unreadable data, and return the others", async () => {
  const [good, foreign, garbled] = ["0", "1", "2"].map((at) => `${counter}:${at}`) as [
    string,
    string,
    string,
  ];
  for (const id of [good, foreign, garbled])
    await counters["counter.add"]({ counter: id, by: 3 }, serverCall);
  const { commands } = fixture.redis;
  await commands.set(fixture.keys.counter(foreign).meta, "foreign");
  await commands.hset(fixture.keys.counter(garbled).meta, "value", "many");
  const list = await counters["counter.list"]({ limit: 50, prefix: `${counter}:` }, serverCall);
  const many = await counters["counter.getMany"]({ counters: [foreign, good, garbled] }, serverCall);
  for (const { counters: found, unreadable } of [list, many]) {
    expect(found).toMatchObject([{ counter: good, value: 3 }]);
    expect(unreadable?.toSorted()).toEqual([foreign, garbled]);
  }
  await eventually(async () => {
    const { counters: growing } = await counters["counter.trending"](
      { prefix: `${counter}:`, limit: 10 },
      serverCall,
    );
    expect(growing).toMatchObject([{ counter: good, growth: 3 }]);
  });
});

describe("series", () => {
  const minutes = (last: number) =>
    counters["counter.series"]({ counter, interval: "minute", last }, serverCall);

  it("have a point for each interval, even without an add; `set` and `reset` count nothing", async () => {
    await configure({ series: ["minute"] });
    await Promise.all([add(5), add(-2), counters["counter.set"]({ counter, value: 100 }, serverCall)]);
    await counters["counter.reset"]({ counter }, serverCall);
    await add(4);
    const { points } = await minutes(3);
    expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    const at = points.map((point) => Date.parse(point.at));
    expect(at.map((time) => time % 60_000)).toEqual([0, 0, 0]);
    expect([at[1]! - at[0]!, at[2]! - at[1]!]).toEqual([60_000, 60_000]);
  });

  it("keep at most 1,440 minutes, and have a TTL", async () => {
    await configure({ series: ["minute", "day"] });
    await add(1);
    const { commands } = fixture.redis;
    const list = fixture.keys.counter(counter).series("minute");
    const [newest] = (await commands.lindex(list, -1))!.split(" ");
    // As if something had been counted in each of the 2,000 minutes before the last one.
    const before = times(2_000, (at) => `${Number(newest) - 2_000 + at} ${at}`);
    await commands
      .multi()
      .del(list)
      .rpush(list, ...before)
      .exec();
    await add(3);
    expect(await commands.llen(list)).toBe(1_440);
    const { points } = await minutes(1_440);
    expect(points.slice(-3).map(({ count }) => count)).toEqual([1_998, 1_999, 3]);
    expect(points.filter(({ count }) => count === 0)).toHaveLength(0);
    expect(await commands.pttl(list)).toBeGreaterThan(1_439 * 60_000);
    expect(await commands.pttl(fixture.keys.counter(counter).series("day"))).toBeGreaterThan(
      365 * 86_400_000,
    );
  });
});

describe("trending", () => {
  const trending = (prefix?: string, limit = 10) =>
    counters["counter.trending"]({ limit, ...(prefix !== undefined && { prefix }) }, serverCall);
  const added = (id: string, by: number, node = counters) =>
    node["counter.add"]({ counter: id, by }, serverCall);

  it("ranks the counters of a prefix by their growth in the last hour", async () => {
    const game = freshId("game");
    await counters["counter.set"]({ counter: `${game}:set`, value: 1_000 }, serverCall);
    await Promise.all([
      added(`${game}:likes`, 5),
      added(`${game}:likes`, 6, nodes[1]),
      added(`${game}:plays`, 7),
      added(`${game}:gone`, 90),
      added(`${game}:down`, -3),
      added(`${game}x`, 50),
    ]);
    await eventually(async () => expect((await trending(`${game}:`)).counters).toHaveLength(3));
    await counters["counter.delete"]({ counter: `${game}:gone` }, serverCall);
    const expected = [
      { counter: `${game}:likes`, kind: "total", value: 11, growth: 11 },
      { counter: `${game}:plays`, kind: "total", value: 7, growth: 7 },
    ];
    await eventually(async () => expect((await trending(`${game}:`)).counters).toEqual(expected));
    expect((await trending(`${game}:`, 1)).counters).toEqual(expected.slice(0, 1));
    expect((await trending()).counters).toContainEqual(expected[0]);
  });

  it("finds a counter of a prefix even if thousands of other counters grow faster", async () => {
    const { commands } = fixture.redis;
    const { hour } = fixture.keys.growth;
    const faster = times(3_000, (at) => [String(100 + at), `other:${at}`]).flat();
    await commands.zadd(hour, 2, "rare:one", ...faster);
    await counters["counter.set"]({ counter: "rare:one", value: 9 }, serverCall);
    expect((await trending("rare:")).counters).toEqual([
      { counter: "rare:one", kind: "total", value: 9, growth: 2 },
    ]);
    await commands.del(hour);
  });

  it("limits growth to the largest value of a counter", async () => {
    const { commands } = fixture.redis;
    const { hour } = fixture.keys.growth;
    await commands.zadd(hour, 4 * Number.MAX_SAFE_INTEGER, "again:one");
    await counters["counter.set"]({ counter: "again:one", value: 9 }, serverCall);
    expect((await trending("again:")).counters).toMatchObject([{ growth: Number.MAX_SAFE_INTEGER }]);
    await commands.del(hour);
  });

  it("counts the growth of the last hour, with a proportional part of the slot in which the hour begins", async () => {
    const { commands } = fixture.redis;
    const { hour, during } = fixture.keys.growth;
    const id = freshId("old");
    await counters["counter.set"]({ counter: id, value: 1 }, serverCall);
    const [seconds] = await commands.time();
    const present = Math.floor(Number(seconds) / 300);
    const past = (Number(seconds) % 300) / 300;
    // Growth in four slots of five minutes: the current slot, the slot of half an hour ago, the slot in which the last
    // hour begins, and the slot before the last hour.
    for (const [back, growth] of [
      [0, 1],
      [6, 20],
      [12, 3_000],
      [13, 500_000],
    ] as const) {
      await commands.zincrby(during((((present - back) % 14) + 14) % 14), growth, id);
    }
    await commands.del(hour);
    const [found] = (await trending(id)).counters;
    expect(found!.growth).toBeGreaterThanOrEqual(21 + 3_000 * (1 - past) - 12);
    expect(found!.growth).toBeLessThanOrEqual(21 + 3_000 * (1 - past) + 1);
    await commands.del(hour, ...times(14, (slot) => during(slot)));
  });

  it("keeps the 5,000 counters of a slot that grew most, and the TTL of the slot", async () => {
    const { commands } = fixture.redis;
    const { during } = fixture.keys.growth;
    const [seconds] = await commands.time();
    const slot = during(Math.floor(Number(seconds) / 300) % 14);
    await commands.del(slot);
    await commands.zadd(slot, ...times(6_000, (at) => [at, `m${at}`]).flat());
    await commands.pexpire(slot, 3_900_000);
    const id = freshId("fast");
    await added(id, 10_000);
    await eventually(async () => expect(await commands.zscore(slot, id)).toBe("10000"));
    expect(await commands.zcard(slot)).toBe(5_000);
    expect(await commands.zscore(slot, "m1000")).toBeNull();
    expect(await commands.pttl(slot)).toBeGreaterThan(0);
    await commands.del(slot);
  });
});

it.skipIf(isCluster)(
  "`add`, `set`, `reset`, `get` and `getMany` take one round trip to Redis each",
  async () => {
    await configure({ thresholds: [3] });
    await add(1);
    const commands = await monitor(fixture.redis.commands, async () => {
      await add(1);
      await add(2);
      await counters["counter.set"]({ counter, value: 9 }, serverCall);
      await counters["counter.reset"]({ counter }, serverCall);
      await get();
      await counters["counter.getMany"]({ counters: [counter] }, serverCall);
    });
    const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
    const names = own.map((line) => /\] "(\w+)"/.exec(line)![1]!);
    // The first run of a script on a connection is an EVAL, each later one an EVALSHA.
    expect(names.map((name) => name.replace(/^eval(sha)?$/, "script"))).toEqual([
      ...times(4, () => "script"),
      "hgetall",
      "hgetall",
    ]);
  },
);

it("after a delete, every remaining key of a counter has a TTL", async () => {
  await configure({ kind: "unique", series: ["minute", "hour", "day"], thresholds: [2] });
  const idempotency = idempotencyOf("server:test", "counter.visit", "k", {});
  await counters["counter.visit"]({ counter, visitor: "ann" }, { ...serverCall, idempotency });
  await counters["counter.reset"]({ counter }, { ...serverCall, idempotency });
  await Promise.all(times(100, (at) => visit(`v${at}`)));
  const pattern = `${fixture.prefix}:*${counter}*`;
  expect((await fixture.redis.commands.keys(pattern)).length).toBeGreaterThan(20);
  await counters["counter.delete"]({ counter }, serverCall);
  const left = await fixture.redis.commands.keys(pattern);
  for (const key of left) expect(await fixture.redis.commands.pttl(key), key).toBeGreaterThan(0);
  // Redis still has the replies to the two idempotency keys. The visit's reply is in the key that holds all replies of one
  // minute; the reset's reply has a key of its own.
  expect(left).toHaveLength(2);
  expect(await fixture.redis.commands.zscore(fixture.keys.counters, counter)).toBeNull();
});

it("T9: the first answer to an idempotency key is kept for five to six minutes", async () => {
  const idempotency = idempotencyOf("server:test", "counter.add", "k", {});
  await counters["counter.add"]({ counter, by: 1 }, { ...serverCall, idempotency });
  const [slot] = await fixture.redis.commands.keys(`${fixture.prefix}:*${counter}*:results:*`);
  const ttlMs = await fixture.redis.commands.pttl(slot!);
  expect(ttlMs).toBeGreaterThan(5 * 60_000);
  expect(ttlMs).toBeLessThanOrEqual(6 * 60_000);
});
