import type { Cluster } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { freshPrefix } from "../../test/support/names.js";
import { startCluster, type TestCluster } from "../../test/support/redis/cluster.js";
import { type RedisProcess, RedisServers } from "../../test/support/redis/servers.js";
import { socketWrites } from "../../test/support/redis/socket-writes.js";
import { silentLog } from "../../test/support/silent-log.js";
import { connectRedis, type RedisConnections } from "./client.js";
import { isRedisUnavailable, refusalOf } from "./faults.js";
import { keySlot } from "./key-slot.js";

let cluster: TestCluster;
let redis: RedisConnections;

beforeAll(async () => {
  cluster = await startCluster({ replicasEach: 1 });
});

afterAll(() => cluster.close());

beforeEach(async () => {
  redis = await connectRedis(cluster.url, silentLog, { isCluster: true });
  await redis.topics.start();
});

afterEach(() => redis.close());

/**
 * Returns a topic in a slot of the server. Waits until the server owns a slot: for a moment it may own none after a test
 * moved its slots.
 */
async function topicAt({ client }: RedisProcess): Promise<string> {
  const prefix = freshPrefix();
  const id = String(await client.call("CLUSTER", "MYID"));
  return eventually(async () => {
    const shards = (await client.call("CLUSTER", "SLOTS")) as [number, number, [string, number, string]][];
    for (let number = 0; number < 10_000; number += 1) {
      const topic = `{${prefix}:${number}}`;
      const slot = keySlot(topic);
      if (shards.some(([from, to, [, , owner]]) => owner === id && from <= slot && slot <= to)) return topic;
    }
    throw new Error("The server owns no slot");
  });
}

/** @returns the messages that the listener receives, with "resync" for each call of its `resync` */
async function listen(topic: string): Promise<string[]> {
  const messages: string[] = [];
  await redis.topics.listen(topic, {
    receive: (message) => messages.push(message),
    resync: () => messages.push("resync"),
  });
  return messages;
}

/** Publishes a message, and tries again until Redis accepts it. */
const publish = (topic: string, message: string) =>
  eventually(() => redis.commands.publishTo(topic, message));

it("OP5: a listener receives the messages of its topic in order, whichever server has the topic", async () => {
  const topics = await Promise.all([...cluster.masters, ...cluster.masters].map(topicAt));
  const messages = await Promise.all(topics.map(listen));
  const sent = Array.from({ length: 50 }, (_, at) => String(at));
  await Promise.all(
    topics.flatMap((topic) => sent.map((message) => redis.commands.publishTo(topic, message))),
  );
  await eventually(() => expect(messages).toEqual(topics.map(() => sent)));
  redis.topics.ignore(topics[0]!);
  expect(redis.topics.topicCount).toBe(topics.length - 1);
});

it("OP5: the URL of one server is enough: the node detects the Cluster and finds its other servers", async () => {
  const { host, port } = cluster.masters[1]!;
  const detected = await connectRedis(`redis://${host}:${port}`, silentLog);
  await detected.commands.set(`${freshPrefix()}a`, "1", "PX", 1_000);
  await detected.commands.set(`${freshPrefix()}b`, "1", "PX", 1_000);
  expect(detected.readiness).toMatchObject({ commands: true, jobs: true });
  await detected.close();
});

it("commands of one turn of the event loop leave in one write to each server", async () => {
  const prefix = freshPrefix();
  const keys = Array.from({ length: 60 }, (_, at) => `${prefix}:${at}`);
  // The first command to a server opens the connection to this server.
  await Promise.all(keys.map((key) => redis.commands.set(key, key, "PX", 60_000)));
  const nodes = (redis.commands as unknown as Cluster).nodes("master");
  const writes = nodes.map(socketWrites);
  expect(await Promise.all(keys.map((key) => redis.commands.get(key)))).toEqual(keys);
  expect(writes.map((count) => count())).toEqual(nodes.map(() => 1));
});

it("OP5: a scan reads the keys of all servers", async () => {
  const prefix = freshPrefix();
  const keys = Array.from({ length: 300 }, (_, at) => `${prefix}:${at}`);
  await Promise.all(keys.map((key) => redis.commands.set(key, "", "PX", 60_000)));
  const found = new Set<string>();
  let cursor = "0";
  do {
    const page = await redis.commands.scanKeys(`${prefix}:*`, cursor, 50);
    for (const key of page.keys) found.add(key);
    cursor = page.nextCursor;
  } while (cursor !== "0");
  expect([...found].sort()).toEqual(keys.sort());
});

it("OP5: a scan during which a slot moves ends with an error, and a new scan reads all keys", async () => {
  const [from, to] = [cluster.masters[0]!, cluster.masters[1]!];
  const moving = await topicAt(from);
  const prefix = freshPrefix();
  const keys = Array.from({ length: 300 }, (_, at) => `${prefix}:${at}`);
  await Promise.all(keys.map((key) => redis.commands.set(key, "", "PX", 60_000)));
  const scan = async (betweenPages: () => Promise<void>) => {
    const found = new Set<string>();
    let cursor = "0";
    do {
      const page = await redis.commands.scanKeys(`${prefix}:*`, cursor, 50);
      for (const key of page.keys) found.add(key);
      cursor = page.nextCursor;
      await betweenPages();
    } while (cursor !== "0");
    return [...found].sort();
  };
  let hasMoved = false;
  const moveOnce = async () => {
    if (hasMoved) return;
    hasMoved = true;
    await cluster.moveSlot(keySlot(moving), from, to);
  };
  await expect(scan(moveOnce)).rejects.toMatchObject({
    code: "bad_request",
    issues: [{ path: "cursor", rule: "cursor" }],
  });
  expect(await scan(async () => {})).toEqual(keys.sort());
  await cluster.moveSlot(keySlot(moving), to, from);
  await cluster.settled();
});

it("CH5: after a lost subscription only the topics of its server are synced again", async () => {
  const topics = await Promise.all(cluster.masters.map(topicAt));
  const messages = await Promise.all(topics.map(listen));
  await cluster.masters[1]!.client.call("CLIENT", "KILL", "TYPE", "pubsub");
  await eventually(() => expect(messages).toEqual([[], ["resync"], []]));
  for (const topic of topics) await publish(topic, "after");
  await eventually(() => expect(messages).toEqual([["after"], ["resync", "after"], ["after"]]));
  expect(redis.topics.isSynced).toBe(true);
});

it("OP5: a topic whose slot moves is subscribed at its new server, and only the topics of that slot are synced again", async () => {
  const [from, to] = [cluster.masters[0]!, cluster.masters[1]!];
  const moving = await topicAt(from);
  const staying = await topicAt(from);
  const messages = await Promise.all([moving, staying].map(listen));
  await cluster.moveSlot(keySlot(moving), from, to);
  await eventually(() => expect(messages).toEqual([["resync"], []]));
  await eventually(() => expect(redis.topics.isSynced).toBe(true));
  for (const topic of [moving, staying]) await publish(topic, "after");
  await eventually(() => expect(messages).toEqual([["resync", "after"], ["after"]]));
  await cluster.moveSlot(keySlot(moving), to, from);
  await eventually(() => expect(messages[0]!.filter((message) => message === "resync")).toHaveLength(2));
  await cluster.settled();
});

it("OP5: when a replica takes the place of its master, listeners keep receiving the topics of its slots", async () => {
  const topics = await Promise.all(cluster.masters.map(topicAt));
  const messages = await Promise.all(topics.map(listen));
  await cluster.failOver(cluster.replicas[0]!);
  try {
    await cluster.settled();
    await publish(topics[0]!, "first");
    for (const topic of topics.slice(1)) await publish(topic, "last");
    // The client may still be subscribed at the former master. It detects the change soon and subscribes at the new master.
    await eventually(async () => {
      await publish(topics[0]!, "last");
      expect(messages[0]!.at(-1)).toBe("last");
    });
    await eventually(() => expect([messages[1], messages[2]]).toEqual([["last"], ["last"]]));
    // The listener received "first", or was notified that it missed messages.
    expect(messages[0]!.includes("first") || messages[0]!.includes("resync")).toBe(true);
  } finally {
    await cluster.failOver(cluster.masters[0]!);
    await cluster.settled();
  }
});

it("OP3 OP5: each master waits for its own replicas to confirm a write", async () => {
  const [first, second] = await Promise.all(
    cluster.masters.slice(0, 2).map(async (master) => {
      const probeKey = await topicAt(master);
      const own = await connectRedis(cluster.url, silentLog, { isCluster: true, waitReplicas: 1, probeKey });
      return { close: () => own.close(), write: () => own.commands.set(probeKey, "", "PX", 60_000) };
    }),
  );
  await eventually(() => Promise.all([first!.write(), second!.write()]));
  cluster.replicas[0]!.pause();
  try {
    const error = await first!.write().catch((reason: unknown) => reason);
    expect([isRedisUnavailable(error), refusalOf(error)]).toEqual([true, "NOREPLICAS"]);
    expect(await second!.write()).toBe("OK");
  } finally {
    cluster.replicas[0]!.resume();
  }
  await eventually(() => first!.write());
  await Promise.all([first!.close(), second!.close()]);
  await cluster.settled();
});

it("OP3 OP5: after a master is killed its replica takes over; until then calls fail only as `unavailable`", async () => {
  const victim = cluster.masters[2]!;
  const topics = await Promise.all(cluster.masters.map(topicAt));
  const messages = await Promise.all(topics.map(listen));
  await victim.kill();
  const failures: unknown[] = [];
  await eventually(async () => {
    try {
      await redis.commands.set(topics[2]!, "", "PX", 60_000);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  });
  expect(failures.length).toBeGreaterThan(0);
  for (const error of failures) expect([error, isRedisUnavailable(error)]).toEqual([error, true]);
  await eventually(() => expect(messages[2]).toContain("resync"));
  await eventually(() => expect(redis.topics.isSynced).toBe(true));
  for (const topic of topics) await publish(topic, "last");
  await eventually(() => expect(messages.map((each) => each.at(-1))).toEqual(["last", "last", "last"]));
  expect([messages[0], messages[1]]).toEqual([["last"], ["last"]]);
});

it("OP5: the error names the setting that does not match the kind of server", async () => {
  const { host, port } = cluster.masters[0]!;
  const url = `redis://${host}:${port}`;
  await expect(connectRedis(url, silentLog, { isCluster: false })).rejects.toThrow("set REDIS_CLUSTER=1");
  await expect(connectRedis(`${url}/2`, silentLog)).rejects.toThrow("database");
  const servers = await RedisServers.open();
  const single = await servers.start({});
  const singleUrl = `redis://${single.host}:${single.port}`;
  await expect(connectRedis(singleUrl, silentLog, { isCluster: true })).rejects.toThrow(
    "remove REDIS_CLUSTER",
  );
  const empty = await servers.start({
    "cluster-enabled": "yes",
    "cluster-config-file": servers.path("nodes.conf"),
  });
  const started = connectRedis(`redis://${empty.host}:${empty.port}`, silentLog);
  await expect(started).rejects.toThrow("slots");
  // A server that has met no other server may not know the address under which clients reach it.
  await empty.client.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
  const alone = () => connectRedis(`redis://${empty.host}:${empty.port}`, silentLog);
  await eventually(() => expect(alone()).rejects.toThrow("cluster-announce-ip"));
  await empty.client.config("SET", "cluster-announce-ip", empty.host);
  await eventually(async () => (await alone()).close());
  await servers.close();
});
