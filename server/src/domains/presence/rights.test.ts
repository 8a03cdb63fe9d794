import type { Redis } from "ioredis";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cap } from "../../../test/support/callers.js";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import {
  type PresenceNode,
  type PresenceNodeOptions,
  presenceNode,
} from "../../../test/support/presence-node.js";
import { isCluster, redisClient } from "../../../test/support/redis-client.js";

let prefix: string;
let room: string;
let redis: Redis;
let nodes: PresenceNode[];

beforeEach(() => {
  prefix = freshPrefix();
  room = freshId("room");
  nodes = [];
  redis = redisClient();
});

afterEach(async () => {
  const keys = nodes[0]!.dependencies.keys.room(room);
  await redis.unlink(keys.meta, keys.bans);
  await Promise.all(nodes.map((node) => node.close()));
  redis.disconnect();
});

/** Starts a node and makes the room private, so that only the caps of a token give access to it. */
async function start(options: Partial<PresenceNodeOptions> = {}): Promise<PresenceNode> {
  const node = await presenceNode({ prefix, graceMs: 200, ...options });
  nodes.push(node);
  await redis.hset(node.dependencies.keys.room(room).meta, "visibility", "private");
  return node;
}

const granted = () => ({ caps: [cap(`presence:${room}`, "subscribe", "publish")] });

async function users(node: PresenceNode): Promise<string[]> {
  const { members } = await node.handlers["presence.get"]({ room, limit: 500 }, serverCall);
  return members.map(({ user }) => user);
}

/** Bans a user as chat does. */
async function ban(node: PresenceNode, user: string): Promise<void> {
  const keys = node.dependencies.keys.room(room);
  await redis.multi().zadd(keys.bans, 9e15, user).hincrby(keys.meta, "access", 1).exec();
  void node.presence.evictions.onAccessChanged(room, user);
}

it("PR1: a user who is in a room through one node stays in it when another node refuses the user", async () => {
  const [one, other] = await Promise.all([start(), start()]);
  const replica = await one.observe(room);
  const phone = one.connect("ann", granted());
  await phone.enter(room, { v: 1 });
  await expect(other.connect("ann").enter(room)).rejects.toMatchObject({ code: "forbidden" });
  expect(await users(other)).toEqual(["ann"]);
  phone.close();
  await eventually(() =>
    expect(replica.publications.map(({ event }) => event)).toEqual(["presence.joined", "presence.left"]),
  );
  expect(replica.publications[1]!.offset).toBe(2);
});

it("PR1: a ban removes a user from every node that holds the user, without waiting for the grace", async () => {
  const [one, other] = await Promise.all([start({ graceMs: 60_000 }), start({ graceMs: 60_000 })]);
  for (const node of [one, other]) await node.connect("ann", granted()).enter(room);
  await one.connect("bo", granted()).enter(room);
  await ban(other, "ann");
  await eventually(async () => expect(await users(one)).toEqual(["bo"]));
  for (const node of [one, other]) {
    await eventually(() => expect(node.presence.rooms.holds(room, "ann")).toBe(false));
  }
});

it("AU1: a user leaves a room when the only tab whose token gives access closes or leaves", async () => {
  const node = await start();
  const [allowed, plain] = [node.connect("ann", granted()), node.connect("ann")];
  await allowed.enter(room);
  await plain.enter(room);
  allowed.close();
  await eventually(async () => expect(await users(node)).toEqual([]));
  const again = node.connect("ann", granted());
  await again.enter(room);
  await plain.enter(room);
  await again.leave(room);
  await eventually(async () => expect(await users(node)).toEqual([]));
  expect(node.presence.rooms.holds(room, "ann")).toBe(false);
});

it("AU1: each of two tabs that enter together gets an answer for its own rights", async () => {
  const node = await start();
  const both = () => ["ann", "ann"].map((user) => node.connect(user));
  const refused = { status: "rejected", reason: { code: "forbidden" } };
  expect(await Promise.allSettled(both().map((tab) => tab.enter(room)))).toMatchObject([refused, refused]);
  const [plain, allowed] = [node.connect("ann"), node.connect("ann", granted())];
  const entering = Promise.allSettled([plain.enter(room), allowed.enter(room)]);
  expect(await entering).toMatchObject([refused, { status: "fulfilled" }]);
  expect(await users(node)).toEqual(["ann"]);
  // Only the tab with access keeps the user in the room.
  allowed.close();
  await eventually(async () => expect(await users(node)).toEqual([]));
});

it("PR2: a change of access does not remove users who are in their grace, unless they are banned", async () => {
  const node = await start({ graceMs: 60_000 });
  const tabs = ["ann", "bo"].map((user) => node.connect(user, granted()));
  for (const tab of tabs) await tab.enter(room);
  for (const tab of tabs) tab.close();
  await eventually(async () =>
    expect(await redis.zcard(node.dependencies.keys.presence(room).grace)).toBe(2),
  );
  const keys = node.dependencies.keys.room(room);
  await redis.multi().zadd(keys.bans, 9e15, "bo").hincrby(keys.meta, "access", 1).exec();
  void node.presence.evictions.onAccessChanged(room, null);
  await eventually(async () => expect(await users(node)).toEqual(["ann"]));
});

it.skipIf(isCluster)(
  "a node notes each change of access that it carries out; reconciling carries out a change whose notice was lost",
  async () => {
    const node = await start();
    for (const user of ["ann", "bo", "cy", "di"]) await node.connect(user, granted()).enter(room);
    const local = node.presence.rooms.get(room)!;
    expect(local.accessVersion).toBe("0");
    await ban(node, "ann");
    await eventually(async () => expect(await users(node)).toEqual(["bo", "cy", "di"]));
    // The node has noted the change, so reconciling finds no difference.
    await eventually(() => expect(local.accessVersion).toBe("1"));
    const keys = node.dependencies.keys.room(room);
    await redis.multi().zadd(keys.bans, 9e15, "bo").hincrby(keys.meta, "access", 1).exec();
    await ban(node, "cy");
    await eventually(async () => expect(await users(node)).toEqual(["bo", "di"]));
    expect(local.accessVersion).toBe("1");
    node.proxy.cut();
    await eventually(async () => expect(await users(node)).toEqual(["di"]));
    await eventually(() => expect(local.accessVersion).toBe("3"));
  },
);
