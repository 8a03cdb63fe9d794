import type { Publication } from "@grandstand/shared/channels";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId, freshPrefix } from "../../../test/support/names.js";
import { type PresenceNode, presenceNode } from "../../../test/support/presence-node.js";
import { redisClient } from "../../../test/support/redis-client.js";
import type { Connection } from "../../core/connection.js";
import type { Publisher } from "../../live/source.js";
import { Subscription } from "../../live/subscription.js";

let node: PresenceNode;
let redis: Redis;

beforeAll(async () => {
  node = await presenceNode({ prefix: freshPrefix(), graceMs: 100 });
  redis = redisClient();
});

afterAll(async () => {
  await node.close();
  redis.disconnect();
});

/** A feed that does not get the messages of its topic. `messages` collects them, so that the test can pass them to the feed. */
async function detachedFeed() {
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
  const messages: string[] = [];
  redis.on("smessage", (topic: string, message: string) => {
    if (topic === node.dependencies.keys.presence(room).topic) messages.push(message);
  });
  await redis.ssubscribe(node.dependencies.keys.presence(room).topic);
  const feed = node.presence.feeds.open(room, publisher);
  const connection = { caller: serverCall.caller } as Connection;
  const joined = await feed.join(new Subscription(connection, null), { view: undefined, since: undefined });
  const keep = (user: string, state: object | null = null) =>
    node.handlers["presence.keep"]({ room, user, ttlMs: 60_000, state: state as null }, serverCall);
  return { room, feed, joined, published, messages, keep };
}

it("CH3: a message that arrives again, at once or later, is ignored", async () => {
  const { feed, published, messages, keep } = await detachedFeed();
  for (const user of ["ann", "bo", "cy"]) await keep(user);
  await eventually(() => expect(messages).toHaveLength(3));
  for (const at of [0, 0, 1, 0, 2, 1]) feed.receive(messages[at]!);
  expect(published.map(({ offset }) => offset)).toEqual([1, 2, 3]);
  feed.close();
});

it("CH5: after a lost message, the next message makes the feed read the room", async () => {
  const { feed, published, messages, keep } = await detachedFeed();
  for (const user of ["ann", "bo", "cy"]) await keep(user);
  await eventually(() => expect(messages).toHaveLength(3));
  feed.receive(messages[0]!);
  feed.receive(messages[2]!);
  await eventually(() => expect(published).toHaveLength(2));
  expect(published[1]).toMatchObject({
    offset: 3,
    event: "presence.digest",
    data: { count: 3, joined: [{ user: "bo" }, { user: "cy" }], left: [], updated: [] },
  });
  await keep("bo", { v: 1 });
  await eventually(() => expect(messages).toHaveLength(4));
  feed.receive(messages[3]!);
  expect(published[2]).toMatchObject({ offset: 4, event: "presence.updated" });
  feed.close();
});

it("CH5: reconciling detects a lost message even if no later message arrives", async () => {
  const { room, feed, published, keep } = await detachedFeed();
  await keep("ann");
  node.presence.feeds.verify(room, "", 0, "0");
  node.presence.feeds.verify(
    room,
    (await node.dependencies.redis.hget(node.dependencies.keys.presence(room).meta, "epoch"))!,
    1,
    "0",
  );
  await eventually(() => expect(published).toMatchObject([{ event: "presence.digest" }]));
  feed.close();
});

it("reconciling ends the subscription of a banned user when the notice of the ban was lost", async () => {
  const room = freshId("room");
  const keys = node.dependencies.keys.room(room);
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
