import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { expectWithin } from "../../../test/support/expect-within.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import {
  type PresenceNode,
  type PresenceNodeOptions,
  presenceNode,
} from "../../../test/support/presence-node.js";
import { isCluster, redisClient } from "../../../test/support/redis-client.js";
import { Pace } from "../../redis/pace.js";
import type { PresenceSessionChange } from "../shared/presence-session.js";

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
  await Promise.all(nodes.map((node) => node.close()));
  redis.disconnect();
});

async function start(options: Partial<PresenceNodeOptions> = {}): Promise<PresenceNode> {
  const node = await presenceNode({ prefix, graceMs: 200, ...options });
  nodes.push(node);
  return node;
}

function keep(node: PresenceNode, user: string, more: object = {}) {
  return node.handlers["presence.keep"]({ room, user, ttlMs: 60_000, ...more }, serverCall);
}

function drop(node: PresenceNode, user: string) {
  return node.handlers["presence.drop"]({ room, user }, serverCall);
}

async function members(node: PresenceNode) {
  return (await node.handlers["presence.get"]({ room, limit: 500 }, serverCall)).members;
}

function users(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `u${at}`);
}

it("PR1: users with special characters in their ids join and leave like other users", async () => {
  const node = await start();
  const ids = ["{a}", "a:b", "a b", "é🎉", '"\\', "x".repeat(128), "__proto__", "none"];
  const replica = await node.observe(room);
  const tabs = ids.map((id) => node.connect(id));
  await Promise.all(tabs.map((tab) => tab.enter(room, { of: tab.user })));
  await eventually(() => expect([...replica.members.keys()].sort()).toEqual([...ids].sort()));
  for (const { user, state } of await members(node)) expect(state).toEqual({ of: user });
  for (const tab of tabs) tab.close();
  await eventually(() => expect(replica.members.size).toBe(0));
  expect(replica.faults).toEqual([]);
});

it("PR2: a member whom a server keeps for less than the grace stays for the whole grace after disconnecting", async () => {
  const node = await start({ graceMs: 60_000 });
  const { kept, grace } = node.dependencies.keys.presence(room);
  const tab = node.connect("ann");
  await tab.enter(room);
  await keep(node, "ann", { ttlMs: 1_000 });
  tab.close();
  const endOf = async (key: string, user: string) => Number(await redis.zscore(key, user)) - Date.now();
  await eventually(async () => expect(await endOf(kept, "ann")).toBeGreaterThan(30_000));
  const other = node.connect("bo");
  await other.enter(room);
  other.close();
  await eventually(async () => expect(await endOf(grace, "bo")).toBeGreaterThan(30_000));
  await keep(node, "bo", { ttlMs: 1_000 });
  expect(await endOf(kept, "bo")).toBeGreaterThan(30_000);
  await keep(node, "bo", { ttlMs: 90_000 });
  expect(await endOf(kept, "bo")).toBeGreaterThan(60_000);
});

it("entering with a token without a name keeps the profile that a server set", async () => {
  const node = await start();
  const profile = { name: "Ann", avatar: null };
  await keep(node, "ann", { profile });
  expect((await node.connect("ann", { name: null }).enter(room)).member.profile).toEqual(profile);
  const [named, nameless] = [node.connect("bo"), node.connect("bo", { name: null })];
  expect((await nameless.enter(room)).member.profile).toBeNull();
  expect((await named.enter(room)).member.profile).toMatchObject({ name: "bo" });
});

describe("commands to Redis", () => {
  it("PR5: of a user's connections on one node, only the first enter and the last leave are written to Redis", async () => {
    const node = await start();
    const tabs = Array.from({ length: 20 }, () => node.connect("ann"));
    await tabs[0]!.enter(room, { at: 1 });
    const lines = await monitor(redis, async () => {
      for (const tab of tabs) await tab.enter(room);
      for (const tab of tabs.slice(1)) tab.close();
    });
    expect(lines.filter((line) => line.includes(`{chat:${room}}`))).toEqual([]);
    await tabs[0]!.leave(room);
    expect(await members(node)).toEqual([]);
  });

  it("an update is written even if the node has the same state, because another node may have written another state", async () => {
    const [node, other] = await Promise.all([start(), start()]);
    const [tab, phone] = [node.connect("ann"), other.connect("ann")];
    await tab.enter(room, { at: 1 });
    await phone.enter(room, { at: 2 });
    expect((await tab.update(room, { at: 1 })).member.state).toEqual({ at: 1 });
    expect(await members(other)).toMatchObject([{ user: "ann", state: { at: 1 } }]);
  });

  it("300 users who enter at the same time are written by at most three scripts, and each call gets its own answer", async () => {
    const node = await start();
    const tabs = users(300).map((user) => node.connect(user));
    const lines = await monitor(redis, async () => {
      const entered = await Promise.all(tabs.map((tab) => tab.enter(room, { of: tab.user })));
      expect(entered.map(({ member }) => member.state)).toEqual(tabs.map(({ user }) => ({ of: user })));
    });
    const scripts = lines.filter((line) => /"eval(sha)?"/i.test(line) && line.includes(`{chat:${room}}`));
    expect(scripts.length).toBeLessThanOrEqual(3);
    for (const tab of tabs) tab.close();
  });

  it("CH2: only the first subscriber on a node makes the node read the room from Redis", async () => {
    const node = await start();
    await keep(node, "ann");
    await node.observe(room);
    const lines = await monitor(redis, async () => {
      await Promise.all(Array.from({ length: 50 }, () => node.observe(room)));
    });
    expect(lines.filter((line) => line.includes(`{chat:${room}}:presence`))).toEqual([]);
  });
});

describe("PR7: modes", () => {
  const feed = { digestAbove: 10, countAbove: 20, intervalMs: 100, announceMs: 100 };

  it("a growing room publishes each change, then digests, then counts; a shrinking room does so in reverse order", async () => {
    const node = await start({ feed });
    const modes = () => [...new Set(replica.publications.map(({ event }) => event))];
    let replica = await node.observe(room);
    const countOnly = await node.observe(room, { members: false });
    const all = users(22);
    for (const user of all.slice(0, 10)) await keep(node, user);
    await eventually(() => expect(replica.members.size).toBe(10));
    expect(modes()).toEqual(["presence.joined"]);
    for (const user of all.slice(10, 20)) await keep(node, user);
    await eventually(() => expect(replica.members.size).toBe(20));
    expect(modes()).toEqual(["presence.joined", "presence.digest"]);
    for (const user of all.slice(20)) await keep(node, user);
    await eventually(() => expect(replica.count).toBe(22));
    expect(modes()).toEqual(["presence.joined", "presence.digest", "presence.count"]);
    expect(replica.faults).toEqual([]);

    const late = await node.observe(room);
    expect(late.snapshot).toEqual({ mode: "count", count: 22, members: [], nextCursor: null });
    // 19 is below the bound of 20, but by less than a tenth, so the room still publishes only the count.
    for (const user of all.slice(19)) await drop(node, user);
    await eventually(() => expect(late.count).toBe(19));
    expect(late.faults).toEqual([]);
    await drop(node, all[18]!);
    // In the mode `count`, subscribers have no list of members. A digest changes such a list, so they have to resync first.
    await eventually(() => expect(late.faults).toEqual(["channel.resync"]));
    replica = await node.observe(room);
    expect(replica.snapshot).toMatchObject({ mode: "digest", count: 18 });
    for (const user of all.slice(9, 18)) await drop(node, user);
    await eventually(() => expect(replica.members.size).toBe(9));
    expect(modes()).toEqual(["presence.digest"]);
    for (const user of all.slice(0, 9)) await drop(node, user);
    await eventually(() => expect(replica.members.size).toBe(0));
    expect(modes()).toEqual(["presence.digest", "presence.left"]);
    await eventually(() => expect(countOnly.count).toBe(0));
    expect(replica.faults).toEqual([]);
    expect(countOnly.faults).toEqual([]);
  });

  it("a digest has each user once, with the latest state, and a user who joined and left is in `left`", async () => {
    const node = await start({ feed: { ...feed, intervalMs: 400 } });
    for (const user of users(12)) await keep(node, user);
    const replica = await node.observe(room);
    await keep(node, "first");
    await eventually(() => expect(replica.publications).toHaveLength(1));
    await keep(node, "u1", { state: { a: 1 } });
    await keep(node, "u1", { state: { a: 2 } });
    await keep(node, "brief");
    await drop(node, "brief");
    await drop(node, "u2");
    await keep(node, "new", { state: { b: 1 } });
    // The next digest is not published yet. A client that subscribes now receives the members as `replica` knows them, and
    // then the same digest as `replica`.
    const late = await node.observe(room);
    expect(late.states).toEqual(replica.states);
    await eventually(() => expect(replica.publications).toHaveLength(2));
    expect(replica.publications[1]).toMatchObject({
      event: "presence.digest",
      data: {
        count: 13,
        joined: [{ user: "new", state: { b: 1 } }],
        left: ["brief", "u2"],
        updated: [{ user: "u1", state: { a: 2 } }],
      },
    });
    expect(late.publications).toEqual(replica.publications.slice(1));
    expect(late.faults).toEqual([]);
  });

  it("CH7: a digest that is too large for one message is published in parts, also to a client that subscribes between two parts", async () => {
    const node = await start({ feed: { digestAbove: 3, countAbove: 1_000, intervalMs: 400 } });
    for (const user of users(5)) await keep(node, user);
    const replica = await node.observe(room);
    await keep(node, "first");
    await eventually(() => expect(replica.publications).toHaveLength(1));
    const pad = "x".repeat(1_900);
    await Promise.all(users(150).map((user) => keep(node, user, { state: { pad } })));
    await eventually(() => expect(replica.publications).toHaveLength(2));
    const late = await node.observe(room);
    expect([...late.members.keys()].sort()).toEqual([...replica.members.keys()].sort());
    for (const user of users(149)) await drop(node, user);
    await eventually(() => expect(replica.members.size).toBe(2));
    for (const { data } of replica.publications) expect(JSON.stringify(data).length).toBeLessThan(140_000);
    await drop(node, "first");
    for (const each of [replica, late]) {
      await eventually(() => expect(Object.keys(each.states).sort()).toEqual(["u149"]));
      expect(each.publications.at(-1)?.event).toBe("presence.left");
      expect(each.faults).toEqual([]);
    }
  });

  it.skipIf(isCluster)(
    "CH5: subscribers resync when their node missed more changes than one message may contain",
    async () => {
      const [node, other] = await Promise.all([start(), start()]);
      await keep(node, "ann");
      const replica = await node.observe(room);
      node.cutOff();
      const pad = "x".repeat(1_900);
      await Promise.all(users(80).map((user) => keep(other, user, { state: { pad } })));
      node.reconnect();
      await eventually(() => expect(replica.faults).toEqual(["channel.resync"]));
      const anew = await node.observe(room);
      expect(anew.snapshot.count).toBe(81);
      await drop(other, "ann");
      await eventually(() => expect(Object.keys(anew.states)).not.toContain("ann"));
    },
  );

  it("the snapshot has the first 200 members, and its cursor reads the members after them", async () => {
    const node = await start();
    const tabs = users(230).map((user) => node.connect(user));
    for (const tab of tabs) await tab.enter(room);
    const { snapshot } = await node.observe(room);
    expect(snapshot).toMatchObject({ mode: "digest", count: 230 });
    expect(snapshot.members.map(({ user }) => user)).toEqual(users(200));
    const cursor = snapshot.nextCursor!;
    const page = await node.handlers["presence.get"]({ room, limit: 500, cursor }, serverCall);
    expect(page.members.map(({ user }) => user)).toEqual(users(230).slice(200));
    expect(page.nextCursor).toBeNull();
    for (const tab of tabs) tab.close();
  });
});

describe("recovery", () => {
  it("CH5: a node that missed changes because it could not reach Redis publishes them when it has reconnected", async () => {
    const [node, other] = await Promise.all([start(), start()]);
    await Promise.all(["ann", "bo", "cy"].map((user) => keep(other, user, { state: { v: 1 } })));
    const replica = await node.observe(room);
    node.cutOff();
    await drop(other, "ann");
    await keep(other, "bo", { state: { v: 2 } });
    await drop(other, "cy");
    await keep(other, "cy", { state: { v: 3 } });
    await keep(other, "di");
    node.reconnect();
    await eventually(() => expect(replica.states).toEqual({ bo: { v: 2 }, cy: { v: 3 }, di: null }));
    expect(replica.faults).toEqual([]);
    await keep(other, "ed");
    await eventually(() => expect(replica.members.has("ed")).toBe(true));
    expect(replica.faults).toEqual([]);
  });

  it("CH4: after Redis lost its last writes, a node publishes what differs from the published members, in a new epoch", async () => {
    const node = await start({ feed: { announceMs: 50 } });
    const keys = node.dependencies.keys.presence(room);
    await keep(node, "ann");
    const replica = await node.observe(room);
    const state = await Promise.all([redis.dump(keys.meta), redis.hgetall(keys.meta)]);
    await keep(node, "bo");
    await eventually(() => expect(replica.members.size).toBe(2));
    // Redis was killed before it saved its last write.
    await redis.multi().hset(keys.meta, state[1]).zrem(keys.present, "bo").hdel(keys.records, "bo").exec();
    node.presence.feeds.resyncAll();
    await eventually(() => expect([...replica.members.keys()]).toEqual(["ann"]));
    expect(await redis.hget(keys.meta, "epoch")).not.toBe(state[1].epoch);
    await keep(node, "cy");
    await eventually(() => expect([...replica.members.keys()]).toEqual(["ann", "cy"]));
    expect(replica.faults).toEqual([]);
  });

  it.skipIf(isCluster)(
    "PR6: a reconnect restores members that Redis lost, and removes members whose leave Redis lost",
    async () => {
      const node = await start();
      const keys = node.dependencies.keys.presence(room);
      const tabs = ["ann", "bo", "cy"].map((user) => node.connect(user));
      for (const tab of tabs) await tab.enter(room, { of: tab.user });
      const before = await members(node);
      const backup = await Promise.all(
        [keys.present, keys.records, keys.nodes].map((key) => redis.dumpBuffer(key)),
      );
      const [held] = await redis.keys(`${prefix}:{chat:${room}}:presence:node:*`);
      const heldBackup = await redis.dumpBuffer(held!);
      tabs[2]!.close();
      await eventually(async () => expect(await members(node)).toHaveLength(2));
      const dee = node.connect("dee");
      await dee.enter(room);
      // Redis loses the last two writes, as in a failover to a replica that lacks them.
      for (const [at, key] of [keys.present, keys.records, keys.nodes].entries()) {
        await redis.restore(key, 0, backup[at]!, "REPLACE");
      }
      await redis.restore(held!, 0, heldBackup!, "REPLACE");
      expect((await members(node)).map(({ user }) => user)).toEqual(["ann", "bo", "cy"]);
      node.proxy.cut();
      await eventually(async () =>
        expect((await members(node)).map(({ user }) => user)).toEqual(["ann", "bo", "dee"]),
      );
      expect((await members(node)).slice(0, 2)).toEqual(before.slice(0, 2));
    },
  );

  it.skipIf(isCluster)("reconciling a room sweeps a node that holds a member but has no lease", async () => {
    const node = await start();
    const keys = node.dependencies.keys.presence(room);
    await node.connect("ann").enter(room);
    const record = JSON.parse((await redis.hget(keys.records, "ann"))!);
    await redis
      .multi()
      .zadd(keys.present, 99, "ghost")
      .hset(keys.records, "ghost", JSON.stringify([...record.slice(0, 4), "nobody"]))
      .sadd(keys.held("nobody"), "ghost")
      .hset(keys.nodes, "nobody", "1:7")
      .exec();
    node.proxy.cut();
    await eventually(async () => expect((await members(node)).map(({ user }) => user)).toEqual(["ann"]));
    expect(await redis.hkeys(keys.nodes)).toHaveLength(1);
  });

  it.skipIf(isCluster)("reconciling evicts a banned user when the notice of the ban was lost", async () => {
    const node = await start();
    const tabs = ["ann", "bo"].map((user) => node.connect(user));
    for (const tab of tabs) await tab.enter(room);
    const chat = node.dependencies.keys.room(room);
    await redis.multi().zadd(chat.bans, 9e15, "ann").hincrby(chat.meta, "access", 1).exec();
    node.proxy.cut();
    await eventually(async () => expect((await members(node)).map(({ user }) => user)).toEqual(["bo"]));
    await eventually(() => expect(node.presence.rooms.holds(room, "ann")).toBe(false));
    await expect(tabs[0]!.enter(room)).rejects.toMatchObject({ code: "forbidden" });
    await redis.unlink(chat.bans, chat.meta);
  });

  it("PR3: a room that a user enters while the node removes it as empty stays on the node's list of rooms", async () => {
    const node = await start({ graceMs: 0 });
    const { rooms, writer } = node.presence;
    await node.connect("zed").enter(`${room}-other`);
    const tab = node.connect("ann");
    await tab.enter(room);
    await tab.leave(room);
    await eventually(() => expect(rooms.get(room)?.isEmpty).toBe(true));
    const removing = writer.removeEmptyRooms();
    expect(rooms.get(room)).toBeUndefined();
    await node.connect("ann").enter(room);
    await removing;
    const [incarnation] = await redis.hkeys(node.dependencies.keys.presence(room).nodes);
    expect(await redis.smembers(node.dependencies.keys.presenceRooms(incarnation!))).toContain(room);
  });

  it("OP3: after an outage of Redis all leases begin anew; without an outage, a lease that was not renewed lapses", async () => {
    const node = await start();
    const { leases, ticked } = node.dependencies.keys.presenceNodes;
    const ends = async () =>
      (await redis.zrange(leases, "0", "-1", "WITHSCORES")).filter((_, at) => at % 2 === 1);
    const [own] = await redis.zrange(leases, "0", "-1");
    await redis
      .multi()
      .set(ticked, Date.now() - 60_000)
      .zadd(leases, 1, own!, 1, "other")
      .exec();
    await eventually(async () => {
      expect(await ends()).toHaveLength(2);
      for (const end of await ends()) expect(Number(end)).toBeGreaterThan(Date.now());
    });
    expect(node.losses).toBe(0);
    await redis.multi().set(ticked, Date.now()).zadd(leases, 1, own!, 1, "other").exec();
    await eventually(async () => {
      expect(node.losses).toBe(1);
      expect(await redis.zrange(leases, "0", "-1")).toHaveLength(1);
    });
    expect(await redis.zrange(leases, "0", "-1")).not.toContain(own);
  });

  it("an enter whose caller timed out is undone, but a later enter of the same connection is kept", async () => {
    const node = await start();
    const [one, other] = [node.connect("ann"), node.connect("bo")];
    let undoOne = () => {};
    await one.enter(room, null, (undo) => {
      undoOne = undo;
    });
    let undoOther = () => {};
    await other.enter(room, null, (undo) => {
      undoOther = undo;
    });
    await other.enter(room, { again: true });
    undoOne();
    undoOther();
    await eventually(async () => expect((await members(node)).map(({ user }) => user)).toEqual(["bo"]));
  });

  it("a user stays in the room after a confirmed enter, also when scheduling the room fails afterwards", async () => {
    const node = await start();
    const { dueRooms, rooms } = node.presence;
    const schedule = dueRooms.schedule.bind(dueRooms);
    let failures = 0;
    dueRooms.schedule = async () => {
      failures += 1;
      throw new Error("away");
    };
    const tab = node.connect("ann");
    await tab.enter(room);
    tab.close();
    await eventually(() => expect(failures).toBe(1));
    // After a pause, the node writes Bo's enter, and then tries again to schedule the room. That fails too.
    await node.connect("bo").enter(room);
    await eventually(() => expect(failures).toBeGreaterThan(1));
    dueRooms.schedule = schedule;
    await eventually(() => expect(rooms.get(room)?.isSynced).toBe(true));
    expect(rooms.holds(room, "bo")).toBe(true);
    await eventually(async () => expect((await members(node)).map(({ user }) => user)).toEqual(["bo"]));
  });

  it("undoing an update whose caller timed out does not remove the connection from the room", async () => {
    const node = await start();
    const [tab, other] = [node.connect("ann"), node.connect("bo")];
    const undos: (() => void)[] = [];
    const undone = (undo: () => void) => undos.push(undo);
    await tab.enter(room, { v: 1 });
    await tab.update(room, { v: 2 }, undone);
    // Two calls at once, of which only the first was answered in time.
    await Promise.all([other.enter(room, { v: 1 }), other.update(room, { v: 2 }, undone)]);
    for (const undo of undos) undo();
    expect(node.presence.rooms.holds(room, "ann")).toBe(true);
    expect(node.presence.rooms.holds(room, "bo")).toBe(true);
    await tab.update(room, { v: 3 });
    // Undoing an earlier call does not affect a later presence session.
    await other.leave(room);
    await other.enter(room);
    undos[1]!();
    await eventually(async () =>
      expect((await members(node)).map(({ user, state }) => [user, state])).toEqual([
        ["ann", { v: 3 }],
        ["bo", null],
      ]),
    );
    expect(undos).toHaveLength(2);
  });

  it.skipIf(isCluster)(
    "an enter during an outage fails, and the user is not in the room after the outage",
    async () => {
      const [node, other] = await Promise.all([start(), start()]);
      node.cutOff();
      const tab = node.connect("ann");
      await expect(tab.enter(room)).rejects.toThrow();
      node.reconnect();
      await eventually(async () =>
        expect(await redis.zcard(node.dependencies.keys.presenceNodes.leases)).toBe(2),
      );
      const again = node.connect("bo");
      await eventually(() => again.enter(room));
      await eventually(async () => expect((await members(other)).map(({ user }) => user)).toEqual(["bo"]));
    },
  );
});

describe("OP12: an idle node without members", () => {
  const leaseTtlMs = 1_500;

  function idlePace(idleAfterMs = 1): Pace {
    const pace = new Pace({ idleAfterMs, idleSpeed: 1 });
    pace.start(() => false);
    return pace;
  }

  /** How long the longest lease of all nodes still lasts, in ms. */
  async function longestLeaseMs(node: PresenceNode): Promise<number> {
    const { leases } = node.dependencies.keys.presenceNodes;
    const [, end] = await redis.zrange(leases, "-1", "-1", "WITHSCORES");
    return Number(end) - Date.now();
  }

  it.skipIf(isCluster)(
    "PR3, PR8: removes the members of a crashed node when its lease ends, and kept members when their TTL ends",
    async () => {
      const idle = await start({ leaseTtlMs, pace: idlePace() });
      const gone = await start({ leaseTtlMs });
      await gone.connect("ann").enter(room);
      // Waits until the idle node has renewed its lease for `leaseTtlMs` plus two minutes. From the same renewal, the idle
      // node learns when the lease of `gone` ends.
      await eventually(async () => expect(await longestLeaseMs(idle)).toBeGreaterThan(30_000));
      await keep(gone, "bo", { ttlMs: 1_000 });
      gone.cutOff();
      const cutOffAt = performance.now();
      await eventually(async () => expect(await members(idle)).toEqual([]));
      expectWithin(leaseTtlMs + 200 + 2_000, cutOffAt);
    },
  );

  it.skipIf(isCluster)(
    "removes, when it wakes, the members of a node that started and crashed while it was idle, and then has a short lease",
    async () => {
      const pace = idlePace(1_000);
      const idle = await start({ leaseTtlMs, pace });
      await eventually(async () => expect(await longestLeaseMs(idle)).toBeGreaterThan(30_000));
      const gone = await start({ leaseTtlMs });
      await gone.connect("ann").enter(room);
      gone.cutOff();
      const { leases } = idle.dependencies.keys.presenceNodes;
      await eventually(async () => {
        expect(Number(await redis.zcount(leases, "-inf", Date.now() - 300))).toBe(1);
      });
      expect(await members(idle)).toHaveLength(1);
      await pace.wake();
      expect(await members(idle)).toEqual([]);
      const expectShortLease = async () => expect(await longestLeaseMs(idle)).toBeLessThanOrEqual(leaseTtlMs);
      await expectShortLease();
      await idle.connect("ann").enter(room);
      await expectShortLease();
    },
  );
});

describe("AU10: rooms that a user creates by use", () => {
  const created = async () => (await redis.keys(`${prefix}:{chat:*}:presence:meta`)).length;

  it("are charged to a budget; without budget, the user can still enter rooms that exist", async () => {
    const node = await start({ creationLimit: 20 });
    const ann = node.connect("ann");
    let refusal: unknown = null;
    for (let at = 0; at < 60 && refusal === null; at += 1) {
      await ann.enter(`${room}-${at}`).catch((error: unknown) => {
        refusal = error;
      });
      await ann.leave(`${room}-${at}`);
    }
    expect(refusal).toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
    // A room is charged to the budget after its creation, and no call waits for that, so a few calls may exceed the budget.
    expect(await created()).toBeLessThanOrEqual(22);
    await keep(node, "bo");
    await ann.enter(room);
    await node.connect("cy").enter(`${room}-new`);
  });
});

/** Writes keys of the room and of the nodes as they would be if Redis's clock had been two hours ahead. */
async function writeWithClockAhead(node: PresenceNode, ends: Record<string, string[]>): Promise<void> {
  const ahead = Date.now() + 7_200_000;
  const { keys } = node.dependencies;
  const { due, ticked } = keys.presenceNodes;
  const writing = redis.multi().hset(keys.presence(room).meta, "clock", ahead).zadd(due, ahead, room);
  for (const [key, elements] of Object.entries(ends)) {
    for (const element of elements) writing.zadd(key, ahead + 60_000, element);
  }
  await writing.set(ticked, ahead).exec();
}

describe("AU9: after Redis's clock was set back", () => {
  it.skipIf(isCluster)(
    "members leave when their grace ends, and kept members leave when their TTL ends",
    async () => {
      const node = await start({ graceMs: 500 });
      const { grace, kept } = node.dependencies.keys.presence(room);
      const [ann, di] = [node.connect("ann"), node.connect("di")];
      await ann.enter(room);
      await di.enter(room);
      await keep(node, "bo", { ttlMs: 1_000 });
      await keep(node, "cy", { ttlMs: 60_000 });
      ann.close();
      await eventually(async () => expect(await redis.zcard(grace)).toBe(1));
      await writeWithClockAhead(node, { [grace]: ["ann"], [kept]: ["bo", "cy"] });
      await eventually(async () =>
        expect((await members(node)).map(({ user }) => user)).toEqual(["di", "cy"]),
      );
      expect(Number(await redis.zscore(kept, "cy"))).toBeLessThan(Date.now() + 60_000);
      expect(await redis.hkeys(node.dependencies.keys.presence(room).keptTtls)).toEqual(["cy"]);
    },
  );

  it("a write in a room corrects the times in that room, also when no tick has noticed the change of the clock", async () => {
    const node = await start({ graceMs: 500 });
    const keys = node.dependencies.keys.presence(room);
    await keep(node, "bo", { ttlMs: 1_000 });
    await keep(node, "cy");
    const ahead = Date.now() + 7_200_000;
    await redis.multi().hset(keys.meta, "clock", ahead).zadd(keys.kept, ahead, "bo").exec();
    await node.connect("ann").enter(room);
    await eventually(async () =>
      expect((await members(node)).map(({ user }) => user)).toEqual(["cy", "ann"]),
    );
  });

  it.skipIf(isCluster)("a dead node is swept, although its lease ends two hours too late", async () => {
    const node = await start({ leaseTtlMs: 1_000 });
    const { leases, sweeps } = node.dependencies.keys.presenceNodes;
    await writeWithClockAhead(node, { [leases]: ["dead"], [sweeps]: ["dead"] });
    // A sweep removes the members of a dead node. The claim of an earlier sweep would delay this one by up to ten seconds.
    await redis.zrem(sweeps, "dead");
    await eventually(async () => expect(await redis.zrange(leases, "0", "-1")).not.toContain("dead"));
    expect(node.losses).toBe(0);
  });
});

describe("records of presence sessions", () => {
  it("receive the beginning and the end of each presence session, even if the first attempt to write them failed", async () => {
    const noted: PresenceSessionChange[] = [];
    let isAway = true;
    const note = async (changes: PresenceSessionChange[]) => {
      if (isAway) throw new Error("away");
      noted.push(...changes);
    };
    const node = await start({ note, graceMs: 50 });
    const tab = node.connect("ann");
    await tab.enter(room);
    isAway = false;
    await eventually(() => expect(noted).toMatchObject([{ user: "ann", room, joinOffset: 1, ended: false }]));
    await keep(node, "bot");
    await eventually(() => expect(noted).toHaveLength(2));
    isAway = true;
    tab.close();
    await drop(node, "bot");
    const keys = node.dependencies.keys.presence(room);
    await eventually(async () => expect(await redis.scard(keys.leaving)).toBe(2));
    isAway = false;
    // After a failed write, the node tries again only when its claim on the room ends, up to 10 s later. The test ends the
    // claim at once.
    await redis.zadd(node.dependencies.keys.presenceNodes.claimed, 0, room);
    await eventually(async () => expect(await redis.exists(keys.leaving)).toBe(0));
    const ended = noted
      .filter((change) => change.ended)
      .map(({ user, joinOffset }) => ({ user, joinOffset }));
    expect(ended.sort((one, other) => one.joinOffset - other.joinOffset)).toEqual([
      { user: "ann", joinOffset: 1 },
      { user: "bot", joinOffset: 2 },
    ]);
    expect(new Set(noted.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it.skipIf(isCluster)(
    "receive a presence session again after Redis had lost it, with the time at which the node restored it",
    async () => {
      const noted: PresenceSessionChange[] = [];
      const node = await start({ note: async (changes) => void noted.push(...changes) });
      const keys = node.dependencies.keys.presence(room);
      await keep(node, "bot");
      const before = await redis.hgetall(keys.meta);
      await node.connect("ann").enter(room);
      await eventually(() => expect(noted).toHaveLength(2));
      const { since } = (await members(node))[1]!;
      const [incarnation] = await redis.hkeys(keys.nodes);
      const loseAnn = () =>
        redis
          .multi()
          .hset(keys.meta, before)
          .zrem(keys.present, "ann")
          .hdel(keys.records, "ann")
          .unlink(keys.nodes, keys.held(incarnation!))
          .exec();
      // Redis loses Ann's membership. The node restores it, and the presence session keeps its join offset.
      await loseAnn();
      node.proxy.cut();
      await eventually(() => expect(noted).toHaveLength(3));
      const [first, again] = noted.filter(({ user }) => user === "ann");
      expect(again).toEqual({ ...first, atMs: expect.any(Number) });
      expect(again!.atMs).toBeGreaterThan(first!.atMs);
      expect((await members(node))[1]).toMatchObject({ user: "ann", since });
    },
  );

  it("are written with at most 500 changes at a time", async () => {
    const steps: number[] = [];
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const note = (changes: PresenceSessionChange[]) => {
      steps.push(changes.length);
      return held;
    };
    const node = await start({ note });
    await Promise.all(users(1_300).map((user) => node.connect(user).enter(room)));
    goOn();
    await eventually(() => expect(steps.reduce((sum, step) => sum + step, 0)).toBe(1_300));
    expect(Math.max(...steps)).toBeLessThanOrEqual(500);
  });
});
