import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../support/accounts.js";
import { replicaOf } from "../support/board-replica.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { type FreezableProxy, freezableProxy } from "../support/freezable-proxy.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { watchCommands } from "../support/monitor.js";
import { TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

let proxy: FreezableProxy;
let node: TestNode;
/** Another node on the same Redis, whose connection does not go through the proxy. */
let other: TestNode;
let client: Client;
let owner: Client;
let isClosed: boolean;

beforeEach(async () => {
  isClosed = false;
  proxy = await freezableProxy(inject("redisUrl"));
  node = await startTestNode({}, proxy.url);
  other = await startTestNode({ GRANDSTAND_PREFIX: node.prefix });
  client = await restDriver.open(node.url, TEST_API_KEY);
  owner = await restDriver.open(other.url, TEST_API_KEY);
  await owner.call("leaderboard.configure", { board: "b" });
});

afterEach(async () => {
  await Promise.all([...(isClosed ? [] : [node.close()]), other.close()]);
  await proxy.close();
});

describe("OP3: during an outage of Redis", () => {
  it("calls get `unavailable` within 3 s, sockets stay open, and all works again afterwards", async () => {
    const socket = await openWebSocket(node.url, TEST_API_KEY);
    proxy.freezeNew();
    proxy.freeze();
    const ready = fetch(`${node.url}/health/ready`);
    for (let round = 0; round < 3; round += 1) {
      const startedAt = performance.now();
      const answers = await Promise.all([
        client.call("leaderboard.get", { board: "b" }),
        socket.call("leaderboard.entries", { board: "b" }),
        socket.call("channel.subscribe", { channel: "leaderboard:b" }),
      ]);
      expectWithin(3_000, startedAt);
      for (const answer of answers) {
        expect(answer).toMatchObject({ ok: false, error: { code: "unavailable", retryAfterMs: 1_000 } });
      }
    }
    expect((await ready).status).toBe(503);
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    proxy.thawNew();
    proxy.cut();
    await eventually(async () =>
      expect(await client.call("leaderboard.get", { board: "b" })).toMatchObject({ ok: true }),
    );
    await eventually(async () =>
      expect(await socket.call("channel.subscribe", { channel: "leaderboard:b" })).toMatchObject({
        ok: true,
      }),
    );
    await eventually(async () => expect((await fetch(`${node.url}/health/ready`)).status).toBe(200));
    await socket.close();
  });

  it("a call whose reply from Redis was lost is `unavailable`, never `internal`", async () => {
    const calls = Array.from({ length: 60 }, async (_, at) => {
      if (at % 20 === 10) proxy.cut();
      return client.call("leaderboard.get", { board: "b" });
    });
    for (const answer of await Promise.all(calls)) {
      if (!answer.ok) expect(answer.error.code).toBe("unavailable");
    }
  });

  it("a node stops without waiting for Redis", async () => {
    proxy.freezeNew();
    proxy.freeze();
    const startedAt = performance.now();
    await node.close();
    isClosed = true;
    expectWithin(8_000, startedAt);
  });
});

it("CH5: changes of a board while a node has lost its Redis subscription are delivered after the reconnect", async () => {
  const follower = await webSocketDriver.follow(node.url, TEST_API_KEY, { channel: "leaderboard:b" });
  // After the node has subscribed to the topic, it reads the board once more. This extra read must be over, or it would
  // find the change that the node misses below. It is over when the follower has received Ann's score.
  await owner.call("leaderboard.submit", { board: "b", member: "ann", score: 1 });
  await eventually(() => expect(follower.pushes).toHaveLength(1));
  proxy.freezeNew();
  proxy.cut();
  await owner.call("leaderboard.submit", { board: "b", member: "bo", score: 2 });
  proxy.thawNew();
  proxy.cut();
  await eventually(() => {
    const { snapshot } = (
      follower.reply as { data: { snapshot: { entries: []; total: 0; season: "all"; seasonEndsAt: null } } }
    ).data;
    const { entries } = replicaOf(snapshot, follower.pushes);
    expect(entries.map(({ member }) => member)).toEqual(["bo", "ann"]);
  });
  await follower.close();
});

it("CH5: messages that are sent while a node has lost its Redis subscription reach the room's followers in order, each once", async () => {
  await owner.call("chat.send", { room: "r", text: "0" });
  const followers = await Promise.all(
    Array.from({ length: 5 }, () => webSocketDriver.follow(node.url, TEST_API_KEY, { channel: "chat:r" })),
  );
  for (let round = 1; round <= 3; round += 1) {
    proxy.freezeNew();
    proxy.cut();
    for (let at = 0; at < 20; at += 1) await owner.call("chat.send", { room: "r", text: `missed ${round}` });
    proxy.thawNew();
    proxy.cut();
    for (let at = 0; at < 20; at += 1) await owner.call("chat.send", { room: "r", text: `live ${round}` });
    for (const { pushes } of followers) {
      await eventually(() => {
        const offsets = pushes.flatMap(({ publications }) => publications.map(({ offset }) => offset));
        expect(offsets).toEqual(Array.from({ length: 40 * round }, (_, index) => index + 2));
      });
    }
  }
  await Promise.all(followers.map((follower) => follower.close()));
});

it("CH5: a ban while a node has lost its Redis subscription ends the user's subscription after the reconnect", async () => {
  const { user, token } = await newGuest(other.url, "Ann");
  const follower = await webSocketDriver.follow(node.url, token, { channel: "chat:r" });
  proxy.freezeNew();
  proxy.cut();
  await owner.call("chat.moderate", { room: "r", user: user.id, action: "ban" });
  proxy.thawNew();
  proxy.cut();
  await eventually(() => expect(follower.pushes.at(-1)?.publications[0]?.event).toBe("channel.ended"));
  await follower.close();
});

it("OP2: a draining node accepts no new connection", async () => {
  const socket = await openWebSocket(node.url, TEST_API_KEY);
  // A client that does not read its close notice keeps the node draining until the timeout.
  socket.socket.pause();
  const closing = node.close();
  isClosed = true;
  const late = openWebSocket(node.url, TEST_API_KEY);
  await expect(late).rejects.toThrow(/503|ECONNREFUSED|ECONNRESET|socket hang up/);
  await closing;
  expect(node.connectionCount()).toBe(0);
});

it("CH5, CN4: changes of a counter while a node has lost its Redis subscription are delivered after the reconnect", async () => {
  await owner.call("counter.configure", { counter: "c", thresholds: [5] });
  await owner.call("counter.add", { counter: "c" });
  const redis = redisClient();
  let reads = 0;
  const stopWatching = await watchCommands(redis, (line) => {
    const isRead = !line.startsWith("[lua]") && line.includes(`"hmget" "${node.prefix}:{counter:c}:meta"`);
    if (isRead) reads += 1;
  });
  const follower = await webSocketDriver.follow(node.url, TEST_API_KEY, { channel: "counter:c" });
  // After the node has subscribed to the topic, it reads the counter a second time. The second read must be over, or it
  // would find the change that the node misses below.
  await eventually(() => expect(reads).toBe(2));
  stopWatching();
  redis.disconnect();
  proxy.freezeNew();
  proxy.cut();
  for (let by = 1; by <= 4; by += 1) await owner.call("counter.add", { counter: "c", by });
  proxy.thawNew();
  proxy.cut();
  await eventually(() => {
    const publications = follower.pushes.flatMap((push) => push.publications);
    expect(publications.map(({ event, data }) => ({ event, data }))).toEqual([
      { event: "counter.threshold", data: { threshold: 5, value: 7 } },
      { event: "counter.updated", data: { value: 11 } },
    ]);
  });
  await owner.call("counter.add", { counter: "c" });
  await eventually(() => expect(follower.pushes.at(-1)?.publications.at(-1)?.data).toEqual({ value: 12 }));
  await follower.close();
});

it("CH4: when Redis lost published changes, watchers of counters and boards get channel.resync", async () => {
  await owner.call("counter.add", { counter: "c", by: 3 });
  for (const score of [1, 2, 3]) await owner.call("leaderboard.submit", { board: "b", member: "ann", score });
  const channels = ["counter:c", "leaderboard:b"];
  const followers = await Promise.all(
    channels.map((channel) => webSocketDriver.follow(node.url, TEST_API_KEY, { channel })),
  );
  await owner.call("counter.add", { counter: "c", by: 2 });
  await owner.call("leaderboard.submit", { board: "b", member: "ann", score: 4 });
  for (const { pushes } of followers) await eventually(() => expect(pushes).toHaveLength(1));
  const redis = redisClient();
  await redis.hset(`${node.prefix}:{counter:c}:meta`, "offset", 0, "value", 0);
  await redis.hset(`${node.prefix}:{lb:b}:meta`, "offset", 0);
  redis.disconnect();
  await owner.call("counter.add", { counter: "c", by: 1 });
  await owner.call("leaderboard.submit", { board: "b", member: "bo", score: 9 });
  for (const { pushes } of followers) {
    await eventually(() => expect(pushes.at(-1)?.publications.at(-1)?.event).toBe("channel.resync"));
  }
  const again = await webSocketDriver.follow(node.url, TEST_API_KEY, { channel: "counter:c" });
  expect(again.reply).toMatchObject({ ok: true, data: { snapshot: { value: 1 } } });
  for (const follower of [...followers, again]) await follower.close();
});
