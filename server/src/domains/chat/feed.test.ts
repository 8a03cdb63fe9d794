import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { Connection } from "../../core/connection.js";
import type { Publisher } from "../../live/source.js";
import { Subscription } from "../../live/subscription.js";
import { chatSource } from "./feed.js";

let fixture: ChatFixture;
let chat: ChatFixture["chat"];
let room: string;
let published: { offset: number; event: string }[];

beforeAll(async () => {
  fixture = await chatFixture();
  chat = fixture.chat;
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  room = freshId("room");
  published = [];
});

const publisher: Publisher = {
  publish: (_group, _epoch, publications) => published.push(...publications),
  publishTo: () => {},
  publishEphemeral: () => {},
  connections: () => [],
  end: () => {},
};

async function joined(quietCheckMs?: number) {
  const feed = chatSource(fixture.dependencies, quietCheckMs).open(room, publisher);
  const connection = { caller: serverCall.caller } as Connection;
  await feed.join(new Subscription(connection, null), { view: undefined, since: undefined });
  return feed;
}

async function send(text: string): Promise<void> {
  await chat["chat.send"]({ room, text }, serverCall);
}

function offsets(): number[] {
  return published.map(({ offset }) => offset);
}

it("CH5: a feed publishes items whose messages on the topic were lost, even if no further message arrives", async () => {
  const feed = await joined(50);
  // The test opens the feed without a subscription to its topic, so the feed receives no messages.
  await send("one");
  await eventually(() => expect(offsets()).toEqual([1]));
  await send("two");
  await eventually(() => expect(offsets()).toEqual([1, 2]));
  feed.close();
});

it("CH5: a feed detects a lost message when a later one arrives, and publishes all items in order", async () => {
  await send("0");
  const feed = await joined();
  for (let at = 1; at <= 5; at += 1) await send(`m${at}`);
  const log = await fixture.redis.commands.lrange(fixture.keys.room(room).log, 0, -1);
  const { position } = feed.log!;
  const messageOf = (offset: number) => `item ${position.epoch} ${offset} ${log[offset - 1]}`;
  for (const offset of [2, 4, 5, 3, 6, 2]) feed.receive(messageOf(offset));
  await eventually(() => expect(offsets()).toEqual([2, 3, 4, 5, 6]));
  feed.close();
});

it("CH5: a feed reads its room with one script after the subscription to the topic was lost", async () => {
  const feed = await joined();
  for (let at = 1; at <= 50; at += 1) await send(`m${at}`);
  const lines = await monitor(fixture.redis.commands, async () => {
    feed.resync();
    await eventually(() => expect(offsets()).toHaveLength(50));
  });
  const scripts = lines.filter((line) => line.includes(room) && /"eval(sha)?"/i.test(line));
  expect(scripts).toHaveLength(1);
  feed.close();
});

it("AU10: reading and following 1,000 unused rooms leaves no key with a TTL above a minute", async () => {
  const user = userCall("looker");
  const looks = Array.from({ length: 1_000 }, async () => {
    const looked = freshId("looked");
    const feed = chatSource(fixture.dependencies).open(looked, publisher);
    const connection = { caller: user.caller } as Connection;
    await feed.join(new Subscription(connection, null), { view: undefined, since: undefined });
    feed.close();
    await fixture.chat["chat.history"]({ room: looked, limit: 10 }, user);
    await fixture.chat["chat.unread"]({ rooms: [looked] }, user);
    await fixture.chat["chat.members"]({ room: looked, limit: 10 }, user);
  });
  await Promise.all(looks);
  const keys = await fixture.redis.commands.keys(`${fixture.prefix}:{chat:looked*`);
  expect(keys).toHaveLength(1_000);
  for (const key of keys) {
    const ttl = await fixture.redis.commands.pttl(key);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(60_000);
  }
});

it("CH4: a feed keeps the epoch of an empty room while the room has subscribers", async () => {
  const feed = await joined(20);
  const { meta } = fixture.keys.room(room);
  for (let at = 0; at < 3; at += 1) {
    await fixture.redis.commands.pexpire(meta, 5_000);
    await eventually(async () => expect(await fixture.redis.commands.pttl(meta)).toBeGreaterThan(50_000));
  }
  await send("first");
  await eventually(() => expect(offsets()).toEqual([1]));
  expect(published.every(({ event }) => event === "chat.message")).toBe(true);
  feed.close();
});

it("CH4: a log that lost its last items continues in a new epoch, and its subscribers receive a resync", async () => {
  for (let at = 1; at <= 5; at += 1) await send(`m${at}`);
  const keys = fixture.keys.room(room);
  const feed = await joined();
  const before = feed.log!.position;
  // Simulates that Redis was killed and had not yet written the last two items to disk.
  const id = JSON.parse((await fixture.redis.commands.lindex(keys.log, 2))!)[1];
  await fixture.redis.commands.ltrim(keys.log, 0, 2);
  await fixture.redis.commands.hset(keys.meta, { next: "4", lastId: id });
  for (let at = 1; at <= 4; at += 1) await send(`other ${at}`);
  feed.resync();
  await eventually(() =>
    expect(published.at(-1)).toMatchObject({ event: "channel.resync", data: { reason: "forked" } }),
  );
  expect(feed.log!.position.epoch).not.toBe(before.epoch);
  expect(feed.log!.position.offset).toBe(7);
  feed.close();
});

it("a room whose log was lost, but not its `meta`, is empty and begins a new log with the next message", async () => {
  for (let at = 1; at <= 5; at += 1) await send(`m${at}`);
  await fixture.redis.commands.unlink(fixture.keys.room(room).log);
  expect(await chat["chat.history"]({ room, limit: 10 }, serverCall)).toMatchObject({
    messages: [],
    position: null,
  });
  await send("again");
  const { messages } = await chat["chat.history"]({ room, limit: 10 }, serverCall);
  expect(messages).toMatchObject([{ offset: 1, text: "again" }]);
});
