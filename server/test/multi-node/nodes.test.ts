import type { OutputOf } from "@grandstand/shared/contract";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { replicaOf } from "../support/board-replica.js";
import type { Client, Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openSocketIo, socketIoDriver } from "../support/drivers/socketio-driver.js";
import { sseDriver } from "../support/drivers/sse-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { type NodeProcess, startNode } from "../support/node-process.js";
import { hasShardedPubSub, redisClient } from "../support/redis-client.js";

const prefix = freshPrefix();
let nodes: NodeProcess[];
let servers: Client[];

beforeAll(async () => {
  const redisUrl = inject("redisUrl");
  nodes = await Promise.all([startNode({ redisUrl, prefix }), startNode({ redisUrl, prefix })]);
  servers = await Promise.all(nodes.map(({ url }) => restDriver.open(url, TEST_API_KEY)));
});

afterAll(() => Promise.all(nodes.map((node) => node.stop())));

function updatesOf({ pushes }: Follower) {
  return pushes.flatMap(({ epoch, publications }) =>
    publications.map((publication) => ({ epoch, ...publication })),
  );
}

it("a score that is submitted to one node reaches clients of the other node, on each transport", async () => {
  const board = freshId("board");
  await servers[0]!.call("leaderboard.configure", { board });
  const channel = `leaderboard:${board}`;
  const followers = await Promise.all(
    [socketIoDriver, webSocketDriver, sseDriver].map((driver) =>
      driver.follow(nodes[1]!.url, TEST_API_KEY, { channel }),
    ),
  );
  await servers[0]!.call("leaderboard.submit", { board, member: "ann", score: 1 });
  for (const follower of followers) {
    await eventually(() =>
      expect(updatesOf(follower)).toMatchObject([{ data: { rows: [{ member: "ann", rank: 1 }] } }]),
    );
    await follower.close();
  }
});

it("LB9: after both nodes wrote to a board at once, followers on both nodes have exactly its first 25 entries", async () => {
  const board = freshId("board");
  await servers[0]!.call("leaderboard.configure", { board, operator: "sum" });
  const channel = `leaderboard:${board}`;
  const followers = await Promise.all(
    nodes.flatMap(({ url }) =>
      [socketIoDriver, webSocketDriver].map((driver) =>
        driver.follow(url, TEST_API_KEY, { channel, view: { top: 25 } }),
      ),
    ),
  );
  await Promise.all(
    Array.from({ length: 400 }, (_, at) =>
      servers[at % 2]!.call("leaderboard.submit", { board, member: `m${at % 40}`, score: (at * 37) % 11 }),
    ),
  );
  await eventually(async () => {
    const page = await servers[1]!.call("leaderboard.entries", { board, limit: 25 });
    const { entries, total } = (page as { data: OutputOf<"leaderboard.entries"> }).data;
    expect(total).toBe(40);
    for (const { reply, pushes } of followers) {
      const { snapshot } = (reply as { data: { snapshot: LeaderboardSnapshot } }).data;
      expect(replicaOf(snapshot, pushes)).toEqual({ entries, total });
    }
  });
  for (const follower of followers) {
    // CH3: each publication arrives once, for any number of nodes and transports.
    const offsets = updatesOf(follower).map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other));
    await follower.close();
  }
});

it("OP4: any node serves any client: a session of one node is valid on the other", async () => {
  const { user, token } = await newGuest(nodes[0]!.url, "Ann");
  const [one, other] = await Promise.all([
    openSocketIo(nodes[1]!.url, token),
    openWebSocket(nodes[1]!.url, token),
  ]);
  expect(one.welcome.user).toEqual(user);
  expect(other.connected).toMatchObject({ data: { user } });
  await Promise.all([one.close(), other.close()]);
});

it("T9: an idempotency key that was used on one node is known on the other", async () => {
  const board = freshId("board");
  await servers[0]!.call("leaderboard.configure", { board, operator: "sum" });
  const submit = { board, member: "ann", score: 5, idempotencyKey: freshId("key") };
  const answers = await Promise.all(
    [0, 1, 0, 1].map((at) => servers[at]!.call("leaderboard.submit", submit)),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ data: { entry: { score: 5 } } });
});

it("CT2: readers on both nodes and on each transport get the same items in the same order", async () => {
  const room = freshId("room");
  const channel = `chat:${room}`;
  const followers = await Promise.all(
    nodes.flatMap(({ url }) =>
      [socketIoDriver, webSocketDriver, sseDriver].map((driver) =>
        driver.follow(url, TEST_API_KEY, { channel }),
      ),
    ),
  );
  const sends = Array.from({ length: 200 }, (_, at) =>
    servers[at % 2]!.call("chat.send", { room, text: `m${at}` }),
  );
  for (const ack of await Promise.all(sends)) expect(ack).toMatchObject({ ok: true });
  for (const follower of followers) await eventually(() => expect(updatesOf(follower)).toHaveLength(200));
  const [first, ...others] = followers.map((follower) => updatesOf(follower));
  expect(first!.map(({ offset }) => offset)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
  for (const other of others) expect(other).toEqual(first);
  await Promise.all(followers.map((follower) => follower.close()));
});

it("CT6: a ban ends live subscriptions on all nodes within 1 s", async () => {
  const room = freshId("room");
  const channel = `chat:${room}`;
  const { user, token } = await newGuest(nodes[0]!.url, "Ann");
  const followers = await Promise.all(
    nodes.flatMap(({ url }) =>
      [socketIoDriver, webSocketDriver, sseDriver].map((driver) => driver.follow(url, token, { channel })),
    ),
  );
  const startedAt = performance.now();
  await servers[0]!.call("chat.moderate", { room, user: user.id, action: "ban" });
  for (const { ephemeral, pushes } of followers) {
    const events = () =>
      (ephemeral ?? pushes.flatMap(({ publications }) => publications)).map(({ event }) => event);
    await eventually(() => expect(events()).toEqual(["channel.ended"]));
  }
  expectWithin(1_000, startedAt);
  await Promise.all(followers.map((follower) => follower.close()));
});

it("DESIGN: each node has one Redis subscription for each followed topic, and none without followers", async () => {
  const board = freshId("board");
  await servers[0]!.call("leaderboard.configure", { board });
  const channel = `leaderboard:${board}`;
  const redis = redisClient();
  const shard = (await hasShardedPubSub(redis)) ? "SHARD" : "";
  const subscribers = async () => {
    const topics = (await redis.call("PUBSUB", `${shard}CHANNELS`, `${prefix}:*${board}*`)) as string[];
    const counts = (await redis.call("PUBSUB", `${shard}NUMSUB`, ...topics)) as unknown[];
    return Number(counts[1] ?? 0);
  };
  const followers = await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      webSocketDriver.follow(nodes[at % 2]!.url, TEST_API_KEY, { channel }),
    ),
  );
  expect(await subscribers()).toBe(2);
  await Promise.all(followers.map((follower) => follower.close()));
  await eventually(async () => expect(await subscribers()).toBe(0));
  redis.disconnect();
});
