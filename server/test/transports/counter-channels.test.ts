import type { OutputOf } from "@grandstand/shared/contract";
import type { CounterSnapshot } from "@grandstand/shared/events/counter";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dataOf } from "../support/acks.js";
import type { Client, Follower, LiveDriver } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { becomesIdle } from "../support/idle.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

type Subscribed = OutputOf<"channel.subscribe"> & { snapshot: CounterSnapshot };

let node: TestNode;
let server: Client;
let counter: string;

beforeAll(async () => {
  node = await startTestNode();
  server = await restDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await becomesIdle(node);
  await node.close();
});

beforeEach(() => {
  counter = freshId("counter");
});

function add(by = 1) {
  return server.call("counter.add", { counter, by });
}

function publicationsOf({ pushes }: Follower) {
  return pushes.flatMap((push) => push.publications);
}

function valuesOf(follower: Follower): number[] {
  return publicationsOf(follower)
    .filter(({ event }) => event === "counter.updated")
    .map(({ data }) => (data as { value: number }).value);
}

function thresholdsOf(follower: Follower): unknown[] {
  return publicationsOf(follower)
    .filter(({ event }) => event === "counter.threshold")
    .map(({ data }) => data);
}

describe.each<LiveDriver>([socketIoDriver, webSocketDriver, sseDriver])("$name", (driver) => {
  const open: Follower[] = [];

  async function follow(): Promise<Follower & { state: Subscribed }> {
    const follower = await driver.follow(node.url, TEST_API_KEY, { channel: `counter:${counter}` });
    open.push(follower);
    return Object.assign(follower, { state: dataOf(follower.reply) as Subscribed });
  }

  beforeEach(() => async () => {
    for (const follower of open.splice(0)) await follower.close();
  });

  it("CH2: the reply to a subscribe call has the counter's value at a position, and later changes follow", async () => {
    await add(5);
    const follower = await follow();
    expect(follower.state).toMatchObject({
      channel: `counter:${counter}`,
      recovered: false,
      position: { epoch: expect.any(String), offset: 1 },
      snapshot: { value: 5, crossed: [] },
    });
    await add(2);
    await eventually(() => expect(publicationsOf(follower)).not.toHaveLength(0));
    expect(follower.pushes[0]).toEqual({
      channel: `counter:${counter}`,
      epoch: follower.state.position.epoch,
      publications: [{ offset: 2, event: "counter.updated", data: { value: 7 } }],
    });
  });

  it("a subscription that begins before a counter's first write continues when the counter is deleted and created again", async () => {
    const follower = await follow();
    expect(follower.state.snapshot).toEqual({ value: 0, crossed: [] });
    await add(3);
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(3));
    await server.call("counter.delete", { counter });
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(0));
    await add(4);
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(4));
    expect(new Set(follower.pushes.map(({ epoch }) => epoch)).size).toBe(2);
  });

  it("CN4: a change of an idle counter is published at once", async () => {
    // On a busy machine some publications may be late, so the test repeats until one is early enough.
    const delaysMs: number[] = [];
    while (delaysMs.length < 30 && !delaysMs.some((delayMs) => delayMs < 90)) {
      counter = freshId("counter");
      const follower = await follow();
      const addedAt = performance.now();
      await add();
      await eventually(() => expect(valuesOf(follower)).toEqual([1]));
      delaysMs.push(performance.now() - addedAt);
    }
    // The fastest publication did not wait for the end of an interval of 100 ms.
    expect(Math.min(...delaysMs)).toBeLessThan(90);
  });

  it("CN4: a counter that changes often is published at most ten times a second, and the last value arrives", async () => {
    const follower = await follow();
    const startedAt = performance.now();
    let total = 0;
    while (performance.now() - startedAt < 1_000) {
      total += 1;
      await add();
    }
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(total));
    const seconds = (performance.now() - startedAt) / 1_000;
    // The first value leaves at once, in addition to one value for each interval of 100 ms.
    expect(valuesOf(follower).length).toBeLessThanOrEqual(10 * seconds + 1);
    // CH3: publications arrive in the order of their offsets, each once.
    const offsets = publicationsOf(follower).map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
  });

  it("CH2: clients that subscribe while the counter changes get the last value, and no publication twice", async () => {
    let isMoving = true;
    const moving = (async () => {
      let total = 0;
      while (isMoving) total = dataOf(await add()).value;
      return total;
    })();
    const followers = [];
    for (let at = 0; at < 10; at += 1) followers.push(await follow());
    isMoving = false;
    const total = await moving;
    for (const follower of followers) {
      const last = () => valuesOf(follower).at(-1) ?? follower.state.snapshot.value;
      await eventually(() => expect(last()).toBe(total));
      const offsets = [follower.state.position, ...publicationsOf(follower)].map(({ offset }) => offset);
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    }
  });

  it("CH3: a client that subscribes while a value waits to be published receives that value in the snapshot only", async () => {
    const first = await follow();
    await add(1);
    await eventually(() => expect(valuesOf(first)).toEqual([1]));
    // This add is within the interval after a publication, so its value waits.
    await add(1);
    const second = await follow();
    expect(second.state).toMatchObject({ position: { offset: 2 }, snapshot: { value: 2 } });
    await eventually(() => expect(valuesOf(first)).toEqual([1, 2]));
    await add(1);
    await eventually(() => expect(valuesOf(second).at(-1)).toBe(3));
    expect(valuesOf(second)).toEqual([3]);
  });

  it("publishes each threshold at its first crossing, in either direction, and again only after a reset", async () => {
    await server.call("counter.configure", { counter, min: 0, thresholds: [2, 10, 100] });
    await server.call("counter.set", { counter, value: 12 });
    const follower = await follow();
    expect(follower.state.snapshot).toEqual({ value: 12, crossed: [] });
    for (const by of [-3, 1, 1, -10, 5]) await add(by);
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(6));
    expect(thresholdsOf(follower)).toEqual([
      { threshold: 10, value: 9 },
      { threshold: 2, value: 1 },
    ]);
    expect((await follow()).state.snapshot).toEqual({ value: 6, crossed: [10, 2] });
    await server.call("counter.reset", { counter });
    await add(500);
    await eventually(() => expect(thresholdsOf(follower)).toHaveLength(5));
    expect(thresholdsOf(follower).slice(2)).toEqual([
      { threshold: 2, value: 500 },
      { threshold: 10, value: 500 },
      { threshold: 100, value: 500 },
    ]);
  });

  it("publishes a threshold that is crossed during a burst, although most values of a burst are not published", async () => {
    await server.call("counter.configure", { counter, thresholds: [40] });
    const follower = await follow();
    await Promise.all(Array.from({ length: 100 }, () => add()));
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(100));
    expect(thresholdsOf(follower)).toEqual([{ threshold: 40, value: 40 }]);
  });

  it("publishes a threshold even if the counter is reset directly afterwards", async () => {
    await server.call("counter.configure", { counter, thresholds: [2] });
    const follower = await follow();
    await add(1);
    await add(1);
    await server.call("counter.reset", { counter });
    await server.call("counter.set", { counter, value: 9 });
    await eventually(() => expect(valuesOf(follower).at(-1)).toBe(9));
    expect(thresholdsOf(follower)).toContainEqual({ threshold: 2, value: 2 });
  });

  it("a subscription with a view is `bad_request`", async () => {
    const input = { channel: `counter:${counter}`, view: { top: 10 } };
    const { reply, close } = await driver.follow(node.url, TEST_API_KEY, input);
    const issues = [{ path: expect.stringMatching(/^view/) }];
    expect(reply).toMatchObject({ ok: false, error: { code: "bad_request", issues } });
    await close();
  });
});
