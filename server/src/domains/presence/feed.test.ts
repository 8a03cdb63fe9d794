import type { Publication } from "@grandstand/shared/channels";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import { type PresenceNode, presenceNode } from "../../../test/support/presence-node.js";
import type { Connection } from "../../core/connection.js";
import type { Publisher } from "../../live/source.js";
import { Subscription } from "../../live/subscription.js";

let node: PresenceNode;
let redis: Redis;

beforeAll(async () => {
  node = await presenceNode({ prefix: freshPrefix(), graceMs: 100 });
  redis = new Redis(inject("redisUrl").replace("unix://", ""));
});

afterAll(async () => {
  await node.close();
  redis.disconnect();
});

/** A feed that hears only what a test hands it, of all that was told. */
async function deafFeed() {
  const room = freshId("room");
  const published: Publication[] = [];
  const publisher: Publisher = {
    publish: (group, _epoch, publications) => {
      if (group === `presence:${room}`) published.push(...publications);
    },
    publishTo: () => {},
    publishEphemeral: () => {},
    connections: () => [],
    end: () => {},
  };
  const told: string[] = [];
  redis.on("smessage", (topic: string, message: string) => {
    if (topic === node.context.keys.presence(room).topic) told.push(message);
  });
  await redis.ssubscribe(node.context.keys.presence(room).topic);
  const feed = node.presence.feeds.open(room, publisher);
  const connection = { caller: serverCall.caller } as Connection;
  const joined = await feed.join(new Subscription(connection, null), { view: undefined, since: undefined });
  const keep = (user: string, state: object | null = null) =>
    node.handlers["presence.keep"]({ room, user, ttlMs: 60_000, state: state as null }, serverCall);
  return { room, feed, joined, published, told, keep };
}

it("CH3: a message that comes twice or late is no news", async () => {
  const { feed, published, told, keep } = await deafFeed();
  for (const user of ["ann", "bo", "cy"]) await keep(user);
  await eventually(() => expect(told).toHaveLength(3));
  for (const at of [0, 0, 1, 0, 2, 1]) feed.receive(told[at]!);
  expect(published.map(({ offset }) => offset)).toEqual([1, 2, 3]);
  feed.close();
});

it("CH5: a message that was lost is noticed at the next, and the room is read", async () => {
  const { feed, published, told, keep } = await deafFeed();
  for (const user of ["ann", "bo", "cy"]) await keep(user);
  await eventually(() => expect(told).toHaveLength(3));
  feed.receive(told[0]!);
  feed.receive(told[2]!);
  await eventually(() => expect(published).toHaveLength(2));
  expect(published[1]).toMatchObject({
    offset: 3,
    event: "presence.digest",
    data: { count: 3, joined: [{ user: "bo" }, { user: "cy" }], left: [], updated: [] },
  });
  await keep("bo", { v: 1 });
  await eventually(() => expect(told).toHaveLength(4));
  feed.receive(told[3]!);
  expect(published[2]).toMatchObject({ offset: 4, event: "presence.updated" });
  feed.close();
});

it("CH5: a quiet room is found to be further by the check", async () => {
  const { room, feed, published, keep } = await deafFeed();
  await keep("ann");
  node.presence.feeds.verify(room, "", 0, "0");
  node.presence.feeds.verify(
    room,
    (await node.context.redis.hget(node.context.keys.presence(room).meta, "epoch"))!,
    1,
    "0",
  );
  await eventually(() => expect(published).toMatchObject([{ event: "presence.digest" }]));
  feed.close();
});

it("a watcher who was banned is found by the check where the notice was lost", async () => {
  const room = freshId("room");
  const keys = node.context.keys.room(room);
  const user = { id: "ann", name: null, avatar: null, isGuest: false };
  const connection = { caller: { kind: "user", user } } as Connection;
  let isFollowing = true;
  const publisher: Publisher = {
    publish: () => {},
    publishTo: () => {},
    publishEphemeral: () => {},
    connections: () => [connection],
    end: (isEnded) => {
      if (isEnded(connection)) isFollowing = false;
    },
  };
  const feed = node.presence.feeds.open(room, publisher);
  await feed.join(new Subscription(connection, null), { view: undefined, since: undefined });
  await redis.multi().zadd(keys.bans, 9e15, "ann").hincrby(keys.meta, "access", 1).exec();
  node.presence.feeds.verify(room, "", 0, "1");
  await eventually(() => expect(isFollowing).toBe(false));
  feed.close();
  await redis.unlink(keys.bans, keys.meta);
});
