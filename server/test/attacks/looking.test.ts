import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newGuest } from "../support/accounts.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

const LOOKS = 1_000;

let node: TestNode;
let redis: Redis;

beforeAll(async () => {
  node = await startTestNode({ GRANDSTAND_LIMITS: "off" });
  redis = redisClient();
});

afterAll(async () => {
  await node.close();
  redis.disconnect();
});

/** The keys of the node that live for longer than a minute. */
async function lastingKeys(): Promise<string[]> {
  // The profiles of these tests' own guests are left out: they are stored a moment after a guest has
  // connected.
  const keys = (await redis.keys(`${node.prefix}:*`)).filter((key) => !/:of:guest-[\da-f-]+$/.test(key));
  const ttls = await Promise.all(keys.map((key) => redis.pttl(key)));
  return keys.filter((_, at) => ttls[at]! === -1 || ttls[at]! > 60_000).sort();
}

const looks: [string, (id: string) => [operation: string, input: object][]][] = [
  [
    "presence rooms",
    (id) => [
      ["channel.subscribe", { channel: `presence:${id}` }],
      ["channel.subscribe", { channel: `presence:${id}`, view: { members: false } }],
      ["channel.unsubscribe", { channel: `presence:${id}` }],
      ["presence.get", { room: id }],
      ["presence.count", { room: id }],
      ["presence.leave", { room: id }],
      ["presence.lookup", { users: [id] }],
    ],
  ],
  [
    "counters",
    (id) => [
      ["channel.subscribe", { channel: `counter:${id}` }],
      ["channel.unsubscribe", { channel: `counter:${id}` }],
      ["counter.get", { counter: id }],
      ["counter.getMany", { counters: [id] }],
    ],
  ],
  [
    "boards",
    (id) => [
      ["channel.subscribe", { channel: `leaderboard:${id}` }],
      ["leaderboard.entries", { board: id }],
      ["leaderboard.entry", { board: id, member: id }],
    ],
  ],
];

it.each(looks)("AU10: looking at 1,000 unknown %s creates no lasting key", async (_, callsOf) => {
  const { token } = await newGuest(node.url);
  const guest = await webSocketDriver.open(node.url, token);
  const before = await lastingKeys();
  const parts = 20;
  for (let part = 0; part < parts; part += 1) {
    const ids = Array.from({ length: LOOKS / parts }, () => freshId("unknown"));
    await Promise.all(
      ids.map(async (id) => {
        for (const [operation, input] of callsOf(id)) {
          const ack = await guest.call(operation, input);
          expect(ack.ok ? "ok" : ack.error.code, operation).toMatch(/^(ok|not_found)$/);
        }
      }),
    );
  }
  expect(await lastingKeys()).toEqual(before);
  await guest.close();
});

it("AU10: following the channel of a user without a record creates no lasting key", async () => {
  const { user, token } = await newGuest(node.url);
  const guest = await webSocketDriver.open(node.url, token);
  const before = await lastingKeys();
  for (let at = 0; at < 100; at += 1) {
    expect(await guest.call("channel.subscribe", { channel: `user:${user.id}` })).toMatchObject({ ok: true });
    await guest.call("channel.unsubscribe", { channel: `user:${user.id}` });
  }
  expect(await lastingKeys()).toEqual(before);
  await guest.close();
});
