import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { Keys } from "../../src/redis/keys.js";
import { dataOf } from "../support/acks.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";
import { watchPresence } from "../support/presence-watch.js";
import { type PresentUser, presentUser } from "../support/present-users.js";
import { redisClient } from "../support/redis-client.js";

const LEASE_MS = 3_000;

let prefix: string;
let nodes: NodeProcess[];
let users: PresentUser[];
let room: string;

beforeEach(() => {
  prefix = freshPrefix();
  room = freshId("room");
  users = [];
  nodes = [];
});

afterEach(async () => {
  await Promise.all(users.map((user) => user.close()));
  await Promise.all(nodes.map((node) => node.stop()));
});

function start(graceMs: number, port?: number): Promise<NodeProcess> {
  return startNode({
    redisUrl: inject("redisUrl"),
    prefix,
    ...(port !== undefined && { port }),
    env: { GRANDSTAND_PRESENCE_GRACE_MS: String(graceMs), GRANDSTAND_LEASE_TTL_MS: String(LEASE_MS) },
  });
}

function enterAll(count: number, urlOf: (at: number) => string): Promise<PresentUser[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => presentUser(() => urlOf(at), room)));
}

function eventsOf({ pushes }: Follower): { event: string; user: string }[] {
  return pushes.flatMap(({ publications }) =>
    publications.map(({ event, data }) => ({ event, user: (data as { user: string }).user })),
  );
}

function idsOf(some: PresentUser[]): string[] {
  return some.map(({ id }) => id).sort();
}

async function presentIn(client: Client): Promise<string[]> {
  const { members } = dataOf(await client.call("presence.get", { room, limit: 500 }));
  return members.map(({ user }: { user: string }) => user).sort();
}

it("PR3: after one of three nodes is killed and one is frozen, exactly their members leave, once and in time", async () => {
  const graceMs = 1_000;
  nodes = await Promise.all([start(graceMs), start(graceMs), start(graceMs)]);
  const [alive, killed, frozen] = nodes as [NodeProcess, NodeProcess, NodeProcess];
  // In this test, users do not reconnect to another node.
  users = await enterAll(60, (at) => nodes[at % 3]!.url);
  const of = (node: number) => idsOf(users.filter((_, at) => at % 3 === node));
  const server = await restDriver.open(alive.url, TEST_API_KEY);
  const observer = await webSocketDriver.follow(alive.url, TEST_API_KEY, { channel: `presence:${room}` });
  expect(dataOf(observer.reply).snapshot.count).toBe(60);

  const harmedAt = performance.now();
  process.kill(frozen.pid, "SIGSTOP");
  await killed.kill("SIGKILL");
  const gone = [...of(1), ...of(2)].sort();
  await eventually(() => expect(eventsOf(observer)).toHaveLength(40));
  const tookMs = performance.now() - harmedAt;
  expect(tookMs).toBeGreaterThan(graceMs);
  expect(tookMs).toBeLessThan(LEASE_MS + graceMs + 7_000);
  expect(new Set(eventsOf(observer).map(({ event }) => event))).toEqual(new Set(["presence.left"]));
  expect(
    eventsOf(observer)
      .map(({ user }) => user)
      .sort(),
  ).toEqual(gone);
  expect(await presentIn(server)).toEqual(of(0));

  // The frozen node continues, finds that its lease has expired, and announces exactly the members that it
  // holds.
  process.kill(frozen.pid, "SIGCONT");
  await eventually(() => expect(eventsOf(observer)).toHaveLength(60));
  const joined = eventsOf(observer).slice(40);
  expect(new Set(joined.map(({ event }) => event))).toEqual(new Set(["presence.joined"]));
  expect(joined.map(({ user }) => user).sort()).toEqual(of(2));
  expect(await presentIn(server)).toEqual([...of(0), ...of(2)].sort());
  await observer.close();
});

it("OP2: during a rolling restart of all nodes, no leave of the 500 users is published", async () => {
  nodes = await Promise.all([start(8_000), start(8_000), start(8_000)]);
  let resting = -1;
  const urlOf = (at: number) => nodes[at % 3 === resting ? (at + 1) % 3 : at % 3]!.url;
  const watch = await watchPresence(inject("redisUrl"), prefix, room);
  users = await enterAll(500, urlOf);
  await eventually(() => expect(watch.changes).toHaveLength(500));
  for (const at of nodes.keys()) {
    resting = at;
    const { port } = nodes[at]!;
    await nodes[at]!.stop();
    nodes[at] = await start(8_000, port);
    resting = -1;
  }
  // Every user reconnects when its node stops, and again if the node that it moved to stops later.
  await eventually(() => expect(users.every(({ returns }) => returns > 0)).toBe(true));
  const server = await restDriver.open(nodes[0]!.url, TEST_API_KEY);
  await eventually(async () => expect(await presentIn(server)).toEqual(idsOf(users)));
  expect(watch.changes.filter(({ kind }) => kind !== "j")).toEqual([]);
  expect(watch.changes).toHaveLength(500);
  // No leave is pending: no member is in its grace period, and no stopped node left a lease that has to expire.
  const redis = redisClient();
  const keys = new Keys(prefix);
  expect(await redis.zcard(keys.presence(room).grace)).toBe(0);
  expect(await redis.zcard(keys.presenceNodes.leases)).toBe(3);
  redis.disconnect();
  watch.stop();
});
