import type { PresenceDigest } from "@grandstand/shared/events/presence";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf } from "../support/acks.js";
import { RestartableRedis } from "../support/chaos/restartable-redis.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openWebSocket, type WebSocketClient, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { monitor } from "../support/monitor.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

/** PR6 requires that presence is correct again within this time. */
const HEALED_MS = 10_000;

/** The changes that a follower received, as single events or in digests. */
function changesOf({ pushes }: Follower): string[] {
  return pushes.flatMap(({ publications }) =>
    publications.flatMap(({ event, data }) => {
      if (event !== "presence.digest") return [`${event.slice(9)} ${(data as { user: string }).user}`];
      const { joined, left, updated } = data as PresenceDigest;
      return [
        ...joined.map(({ user }) => `joined ${user}`),
        ...left.map((user) => `left ${user}`),
        ...updated.map(({ user }) => `updated ${user}`),
      ];
    }),
  );
}

describe("PR6: after a loss of data or a restart of Redis", () => {
  let redis: RestartableRedis;
  let nodes: TestNode[];
  let tabs: WebSocketClient[];
  let server: Client;
  let observers: Follower[];
  let room: string;

  beforeAll(async () => {
    redis = await RestartableRedis.start();
  });

  afterAll(() => redis.stop());

  beforeEach(async () => {
    room = freshId("room");
    const settings = { GRANDSTAND_PREFIX: freshPrefix(), GRANDSTAND_PRESENCE_GRACE_MS: "500" };
    nodes = await Promise.all([0, 1].map(() => startTestNode(settings, redis.url)));
    server = await restDriver.open(nodes[0]!.url, TEST_API_KEY);
    tabs = [];
    for (let at = 0; at < 20; at += 1) {
      const { token } = await newGuest(nodes[0]!.url, `Guest ${at}`);
      const tab = await openWebSocket(nodes[at % 2]!.url, token);
      await tab.call("presence.enter", { room, state: { at } });
      tabs.push(tab);
    }
    observers = await Promise.all(
      nodes.map(({ url }) => webSocketDriver.follow(url, TEST_API_KEY, { channel: `presence:${room}` })),
    );
    return async () => {
      await Promise.all([...tabs, ...observers].map((client) => client.close()));
      await Promise.all(nodes.map((node) => node.close()));
    };
  });

  async function membersOf(client: Client) {
    const ack = await client.call("presence.get", { room });
    return ack.ok ? (ack.data as { members: { user: string }[] }).members.sort(byUser) : [];
  }

  const byUser = (one: { user: string }, other: { user: string }) => (one.user < other.user ? -1 : 1);

  it.each([
    ["FLUSHALL", () => redis.client.flushall()],
    ["a restart without data", () => redis.restartEmpty()],
    ["a restart with the data on disk", () => redis.restart()],
  ])("%s: all members are restored, and subscribers see no leave and no join", async (_, forget) => {
    const before = await membersOf(server);
    expect(before).toHaveLength(20);
    const startedAt = performance.now();
    await forget();
    await eventually(async () => expect(await membersOf(server)).toEqual(before));
    expectWithin(HEALED_MS, startedAt);
    // The subscriptions continue: followers on both nodes receive the new member, and no other change.
    await eventually(async () => {
      await server.call("presence.keep", { room, user: "late", ttlMs: 60_000 });
      for (const observer of observers) expect(changesOf(observer)).toEqual(["joined late"]);
    });
    expectWithin(HEALED_MS, startedAt);
  });
});

it("PR2: a user who disconnects during an outage is no member after the outage and the grace", async () => {
  const redis = await RestartableRedis.start();
  onTestFinished(() => redis.stop());
  const node = await startTestNode({ GRANDSTAND_PRESENCE_GRACE_MS: "200" }, redis.url);
  onTestFinished(() => node.close());
  const { token } = await newGuest(node.url, "Ann");
  const tab = await openWebSocket(node.url, token);
  await tab.call("presence.enter", { room: "r" });
  const server = await restDriver.open(node.url, TEST_API_KEY);
  expect(dataOf(await server.call("presence.count", { room: "r" }))).toEqual({ count: 1 });
  const restarting = redis.restart();
  await tab.close();
  await restarting;
  await eventually(async () =>
    expect(await server.call("presence.count", { room: "r" })).toMatchObject({ data: { count: 0 } }),
  );
});

describe("PR5: the cost of present connections", () => {
  const WATCH_MS = 3_000;
  const USERS = 100;
  let node: TestNode;
  let redis: Redis;
  const tabs: WebSocketClient[] = [];

  beforeAll(async () => {
    node = await startTestNode();
    redis = redisClient();
  });

  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((tab) => tab.close()));
    await node.close();
    redis.disconnect();
  });

  /**
   * How many commands the node sends within `WATCH_MS` while no client calls it. Commands of its job queues do
   * not count, because they come in bursts.
   */
  async function commandsWithoutCalls(): Promise<number> {
    const lines = await monitor(redis, () => new Promise((resolve) => setTimeout(resolve, WATCH_MS)));
    const isCounted = (line: string) => line.includes(node.prefix) && !/^\[lua\]|:jobs\}/.test(line);
    return lines.filter(isCounted).length;
  }

  it("keeping 5,000 connections present costs Redis as much as keeping 100", {
    timeout: 120_000,
  }, async () => {
    const tokens = await Promise.all(
      Array.from({ length: USERS }, async (_, at) => (await newGuest(node.url, `Guest ${at}`)).token),
    );
    const openWave = async () => {
      const wave = await Promise.all(tokens.map((token) => openWebSocket(node.url, token)));
      const acks = await Promise.all(wave.map((tab) => tab.call("presence.enter", { room: "hall" })));
      for (const ack of acks) expect(ack).toMatchObject({ ok: true });
      tabs.push(...wave);
    };
    await openWave();
    const few = await commandsWithoutCalls();
    for (let wave = 1; wave < 50; wave += 1) await openWave();
    const many = await commandsWithoutCalls();
    expect(node.connectionCount()).toBe(5_000);
    expect(few).toBeGreaterThan(4);
    // A regular task of the node may run in only one of the two periods.
    expect(many).toBeLessThanOrEqual(few + 3);
  });
});
