import type { Position } from "@grandstand/shared/channels";
import { directRoom } from "@grandstand/shared/direct-rooms";
import type { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tokenCall, under, userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import { CreationBudget } from "../../limits/creation-budget.js";
import { chatHandlers } from "./handlers.js";
import { RoomStore } from "./store.js";
import { SubscriptionStarts } from "./subscription-starts.js";

let fixture: ChatFixture;
let chat: ChatFixture["chat"];
let room: string;

const [ann, bo, cy] = ["ann", "bo", "cy"].map((id) => userCall(id)) as [Call, Call, Call];
type Call = ReturnType<typeof userCall>;

beforeAll(async () => {
  fixture = await chatFixture();
  chat = fixture.chat;
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  room = freshId("room");
});

async function send(text: string, call: Call = ann, more: object = {}) {
  return (await chat["chat.send"]({ room, text, ...more }, call)).message;
}

function history(more: { before?: number; after?: number; limit?: number } = {}, call: Call = serverCall) {
  return chat["chat.history"]({ room, limit: 100, ...more }, call);
}

async function texts(more = {}) {
  return (await history(more)).messages.map(({ text }) => text);
}

const settings = { logSize: 1_000, retentionMs: 86_400_000, slowModeMs: 0 };

function configure(more: object = {}) {
  return chat["chat.configure"]({ room, ...settings, ...more }, serverCall);
}

function unread(call: Call, rooms = [room]) {
  return chat["chat.unread"]({ rooms }, call);
}

async function allKeysOf(id: string): Promise<string[]> {
  return fixture.redis.commands.keys(`${fixture.prefix}:{chat:${id}}:*`);
}

/** The values of all of the room's keys, as text. */
async function contentOf(id: string): Promise<string> {
  const { commands } = fixture.redis;
  const parts = (await allKeysOf(id)).map(async (key) => {
    const type = await commands.type(key);
    if (type === "list") return commands.lrange(key, 0, -1);
    if (type === "hash") return commands.hgetall(key);
    if (type === "zset") return commands.zrange(key, "0", "-1");
    return commands.get(key);
  });
  return JSON.stringify(await Promise.all(parts));
}

it("CT6: `configure` keeps the settings that its input lacks, so an empty input opens no private room", async () => {
  const change = async (given: object) => {
    const { updatedAt: _, ...now } = await chat["chat.configure"]({ room, ...given }, serverCall);
    return now;
  };
  const first = await change({ visibility: "private", logSize: 20, retentionMs: 60_000, slowModeMs: 500 });
  expect(await change({})).toEqual(first);
  expect(await change({ slowModeMs: 0 })).toEqual({ ...first, slowModeMs: 0 });
});

it("CT6: `configure` reports a change of access only when the visibility changes", async () => {
  const changed: (string | null)[] = [];
  fixture.dependencies.roomAccessChanges.listen((changedRoom, user) => {
    if (changedRoom === room) changed.push(user);
  });
  for (const visibility of ["public", "private", "private", "public"] as const) {
    await configure({ visibility });
  }
  expect(changed).toEqual([null, null]);
});

describe("messages", () => {
  it("CT1: a message has the text and metadata of the send, its sender, and the time of sending", async () => {
    const first = await send(" hej \n", ann, { metadata: { a: [1, {}, []] } });
    expect(first).toEqual({
      id: expect.any(String),
      offset: 1,
      user: "ann",
      text: " hej \n",
      metadata: { a: [1, {}, []] },
      replyTo: null,
      sentAt: expect.stringMatching(/^\d{4}-.*Z$/),
      editedAt: null,
      deleted: false,
      reactions: {},
      profile: { name: "ann", avatar: null },
    });
    const answer = await send('🎉 \u0000 " / \\ é', serverCall, { replyTo: 1 });
    expect(answer).toMatchObject({ offset: 2, user: null, replyTo: 1, profile: null });
    expect((await history()).messages).toEqual([first, answer]);
  });

  it("CT1: sentAt does not go back within a room if the clock of Redis is set back by an hour", async () => {
    await send("one");
    const later = Date.now() + 3_600_000;
    await fixture.redis.commands.hset(fixture.keys.room(room).meta, { lastAt: String(later) });
    expect((await send("two")).sentAt).toBe(new Date(later).toISOString());
  });

  it("a reply to a deleted message, or to an offset without a message, is refused and appends nothing", async () => {
    await send("one");
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo);
    await send("three");
    await chat["chat.delete"]({ room, offset: 3 }, ann);
    for (const replyTo of [2, 3, 4, 9]) {
      await expect(send("?", ann, { replyTo })).rejects.toMatchObject({
        code: "not_found",
        issues: [{ path: "replyTo" }],
      });
    }
    expect((await history()).position).toMatchObject({ offset: 4 });
  });

  it("CT3, T9: a send repeated with its idempotency key adds no second message and gets the first reply", async () => {
    const input = { room, text: "once" };
    const call = under("k", ann, input);
    const first = await chat["chat.send"](input, call);
    await send("other");
    expect(await chat["chat.send"](input, call)).toEqual(first);
    expect(await texts()).toEqual(["once", "other"]);
    const another = { room, text: "twice" };
    await expect(chat["chat.send"](another, under("k", ann, another))).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "idempotencyKey", rule: "reused" }],
    });
    await chat["chat.delete"]({ room, offset: 1 }, ann);
    expect(await chat["chat.send"](input, call)).toEqual(first);
  });

  it("CT3: a send repeated after more than 5 minutes adds no second message while the room keeps the first", async () => {
    await configure({ logSize: 10 });
    const input = { room, text: "once" };
    const call = under("k", ann, input);
    const first = await chat["chat.send"](input, call);
    // As if 5 minutes had passed: the reply that Redis keeps for the idempotency key has expired.
    await fixture.redis.commands.unlink(fixture.keys.room(room).firstReply(call.idempotency!.scope));
    expect(await chat["chat.send"](input, call)).toEqual(first);
    const another = { room, text: "twice" };
    await fixture.redis.commands.unlink(fixture.keys.room(room).firstReply(call.idempotency!.scope));
    await expect(chat["chat.send"](another, under("k", ann, another))).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "idempotencyKey", rule: "reused" }],
    });
    expect(await texts()).toEqual(["once"]);
    for (let at = 0; at < 10; at += 1) await send(`m${at}`);
    // One entry is left: the unused one that log.lua adds to each key, so that the key exists and can have a TTL.
    expect(await fixture.redis.commands.hlen(fixture.keys.room(room).sends)).toBe(1);
  });
});

describe("changes", () => {
  it("CT4: a message can be edited 100 times, and the items of its edits have no text after its deletion", async () => {
    await chat["chat.send"]({ room, text: "0" }, ann);
    for (let edit = 1; edit <= 100; edit += 1) {
      await chat["chat.edit"]({ room, offset: 1, text: String(edit) }, ann);
    }
    await expect(chat["chat.edit"]({ room, offset: 1, text: "101" }, ann)).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "offset", rule: "editsPerMessage" }],
    });
    await chat["chat.delete"]({ room, offset: 1 }, ann);
    const { log } = fixture.keys.room(room);
    const items = await fixture.redis.commands.lrange(log, 0, -1);
    expect(items.slice(1, -1).every((item) => JSON.parse(item)[3] === "")).toBe(true);
  });

  it("CT4: history returns messages in their present state, and each change has an offset of its own", async () => {
    await send("one", ann, { metadata: { a: 1 } });
    await send("two");
    const { message } = await chat["chat.edit"]({ room, offset: 1, text: "uno" }, ann);
    expect(message).toMatchObject({
      offset: 1,
      text: "uno",
      metadata: { a: 1 },
      editedAt: expect.any(String),
    });
    expect(await chat["chat.edit"]({ room, offset: 1, text: "uno", metadata: null }, ann)).toMatchObject({
      message: { metadata: null },
    });
    await chat["chat.react"]({ room, offset: 2, emoji: "👍" }, bo);
    expect(await history()).toMatchObject({
      messages: [{ text: "uno" }, { text: "two", reactions: { "👍": { count: 1, users: ["bo"] } } }],
      position: { offset: 5 },
    });
  });

  it("CT4: after a deletion, Redis has no text of the message or its edits, not even in idempotency replies", async () => {
    const input = { room, text: "secret-one", metadata: { note: "secret-two" } };
    await chat["chat.send"](input, under("k1", ann, input));
    const edit = { room, offset: 1, text: "secret-three" };
    await chat["chat.edit"](edit, under("k2", ann, edit));
    await chat["chat.edit"]({ room, offset: 1, text: "secret-four", metadata: { x: "secret-five" } }, ann);
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo);
    await send("after");
    expect(await contentOf(room)).toContain("secret");
    await chat["chat.delete"]({ room, offset: 1 }, ann);
    expect(await contentOf(room)).not.toContain("secret");
    expect((await history()).messages).toMatchObject([
      { offset: 1, user: "ann", text: "", metadata: null, deleted: true, reactions: {} },
      { text: "after" },
    ]);
    for (const change of [
      chat["chat.edit"]({ room, offset: 1, text: "again" }, ann),
      chat["chat.delete"]({ room, offset: 1 }, ann),
      chat["chat.react"]({ room, offset: 1, emoji: "👍" }, ann),
    ]) {
      await expect(change).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("CT7: only the author, moderators and servers can edit or delete a message", async () => {
    await send("one");
    await expect(chat["chat.edit"]({ room, offset: 1, text: "no" }, bo)).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(chat["chat.delete"]({ room, offset: 1 }, bo)).rejects.toMatchObject({ code: "forbidden" });
    await chat["chat.edit"]({ room, offset: 1, text: "by ann" }, ann);
    await chat["chat.setMember"]({ room, user: "bo", role: "moderator" }, serverCall);
    expect(await chat["chat.edit"]({ room, offset: 1, text: "by bo" }, bo)).toMatchObject({
      message: { user: "ann", text: "by bo" },
    });
    expect(await chat["chat.delete"]({ room, offset: 1 }, serverCall)).toEqual({ deleted: true });
  });

  it("a change at an offset that is unused, trimmed or not a message's is refused with `not_found`", async () => {
    await configure({ logSize: 10 });
    await send("one");
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo);
    for (const offset of [2, 3, 100]) {
      await expect(chat["chat.edit"]({ room, offset, text: "x" }, ann)).rejects.toMatchObject({
        code: "not_found",
        issues: [{ path: "offset" }],
      });
    }
    for (let at = 0; at < 10; at += 1) await send(`m${at}`);
    await expect(chat["chat.delete"]({ room, offset: 1 }, ann)).rejects.toMatchObject({ code: "not_found" });
    await expect(chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("reactions", () => {
  it("CT1: a user reacts to a message at most once with each emoji, and a repeat changes nothing", async () => {
    await send("one");
    const react = (call: Call, emoji = "👍") => chat["chat.react"]({ room, offset: 1, emoji }, call);
    expect(await react(bo)).toEqual({ emoji: "👍", count: 1, users: ["bo"], changed: true });
    expect(await react(bo)).toEqual({ emoji: "👍", count: 1, users: ["bo"], changed: false });
    expect(await react(cy)).toMatchObject({ count: 2, users: ["bo", "cy"] });
    expect(await react(cy, "🎉")).toMatchObject({ count: 1 });
    const unreact = (call: Call) => chat["chat.unreact"]({ room, offset: 1, emoji: "👍" }, call);
    expect(await unreact(bo)).toEqual({ emoji: "👍", count: 1, users: ["cy"], changed: true });
    expect(await unreact(bo)).toMatchObject({ count: 1, changed: false });
    expect(await unreact(cy)).toEqual({ emoji: "👍", count: 0, users: [], changed: true });
    expect((await history()).messages[0]!.reactions).toEqual({ "🎉": { count: 1, users: ["cy"] } });
    expect((await history()).position?.offset).toBe(6);
  });

  it("CT1: a reaction counts all its users, and lists the first 100 of them", async () => {
    await send("one");
    const users = Array.from({ length: 120 }, (_, at) => userCall(`u${at}`));
    for (const user of users) await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, user);
    const shown = async () => (await history()).messages[0]!.reactions["👍"]!;
    expect(await shown()).toMatchObject({ count: 120 });
    expect((await shown()).users).toEqual(Array.from({ length: 100 }, (_, at) => `u${at}`));
    await chat["chat.unreact"]({ room, offset: 1, emoji: "👍" }, users[119]!);
    expect(await shown()).toMatchObject({ count: 119 });
    expect(await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, users[110]!)).toMatchObject({
      count: 119,
      changed: false,
    });
  });

  it("a message has at most 20 different emoji", async () => {
    await send("one");
    const emoji = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔"];
    for (const one of emoji.slice(0, 20)) await chat["chat.react"]({ room, offset: 1, emoji: one }, bo);
    await expect(chat["chat.react"]({ room, offset: 1, emoji: emoji[20]! }, bo)).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("a server can't react, type, or have read marks", async () => {
    await send("one");
    for (const call of [
      chat["chat.react"]({ room, offset: 1, emoji: "👍" }, serverCall),
      chat["chat.typing"]({ room }, serverCall),
      chat["chat.read"]({ room, offset: 1 }, serverCall),
      unread(serverCall),
    ]) {
      await expect(call).rejects.toMatchObject({ code: "forbidden" });
    }
  });
});

describe("the log", () => {
  it("CT5: keeps the last `logSize` messages, and no data of older ones", async () => {
    await configure({ logSize: 10 });
    for (let at = 1; at <= 15; at += 1) {
      await send(`m${at}`);
      await chat["chat.react"]({ room, offset: 2 * at - 1, emoji: "👍" }, bo);
    }
    const kept = Array.from({ length: 10 }, (_, at) => `m${at + 6}`);
    expect(await texts()).toEqual(kept);
    const { commands } = fixture.redis;
    const keys = fixture.keys.room(room);
    // The ten messages, their ten reactions, and the reaction to m5. Trimming removes every item up to the message m5. The
    // reaction to m5 comes after the message, so the log keeps the reaction.
    expect(await commands.llen(keys.log)).toBe(1 + 2 * 10);
    // Two index entries for each of the ten messages, and the unused entry that each key gets with the log's first item.
    expect(await commands.zcard(keys.index)).toBe(2 * 10 + 1);
    for (const key of [keys.reactors, keys.reacted]) expect(await commands.zcard(key)).toBe(10 + 1);
    await configure({ logSize: 10, slowModeMs: 0 });
    expect(await texts()).toEqual(kept);
  });

  it("CT5: trimming a message removes the counts of its reactions, even of reactions that were removed", async () => {
    await configure({ logSize: 2 });
    await send("calm");
    const { offset } = await send("loud");
    await chat["chat.react"]({ room, offset, emoji: "👍" }, bo);
    await chat["chat.unreact"]({ room, offset, emoji: "👍" }, bo);
    await chat["chat.react"]({ room, offset, emoji: "🎉" }, cy);
    await chat["chat.delete"]({ room, offset }, ann);
    const { commands } = fixture.redis;
    const keys = fixture.keys.room(room);
    expect(await commands.zcard(keys.reacted)).toBe(2 + 1);
    await send("third");
    expect(await commands.zcard(keys.reacted)).toBe(2 + 1);
    await send("fourth");
    for (const key of [keys.reactors, keys.reacted]) expect(await commands.zcard(key)).toBe(1);
    expect(await texts()).toEqual(["third", "fourth"]);
    expect(await commands.zcard(keys.index)).toBe(2 * 2 + 1);
  });

  it("CT5: by default a room keeps 1,000 messages, for 30 days after the last item; every key has a TTL", async () => {
    await send("one");
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo);
    await chat["chat.read"]({ room, offset: 1 }, under("k", bo, 1));
    const days = 86_400_000;
    for (const key of await allKeysOf(room)) {
      const ttl = await fixture.redis.commands.pttl(key);
      expect([key, ttl > 0]).toEqual([key, true]);
      if (!key.includes(":idem:")) expect(ttl).toBeGreaterThanOrEqual(30 * days - 60_000);
    }
    const batch = Array.from({ length: 1_050 }, (_, at) => send(`m${at}`));
    await Promise.all(batch);
    expect(await fixture.redis.commands.llen(fixture.keys.room(room).log)).toBe(1_000);
  });

  it("CT5: keys have a TTL even after their entries were removed and new ones added", async () => {
    await send("one");
    await chat["chat.delete"]({ room, offset: 1 }, ann);
    await send("two");
    await chat["chat.react"]({ room, offset: 3, emoji: "👍" }, bo);
    for (const key of await allKeysOf(room)) {
      expect([key, (await fixture.redis.commands.pttl(key)) > 0]).toEqual([key, true]);
    }
  });

  it("AU10: a subscription to an unused room keeps the room's epoch for a minute only", async () => {
    const caller = { kind: "server", keyName: "test" } as const;
    await new SubscriptionStarts(new RoomStore(fixture.dependencies, room)).read(caller, undefined, 5);
    const meta = fixture.keys.room(room).meta;
    expect(await fixture.redis.commands.pttl(meta)).toBeLessThanOrEqual(60_000);
    await send("one");
    expect(await fixture.redis.commands.pttl(meta)).toBeGreaterThan(29 * 86_400_000);
    for (const key of await allKeysOf(room)) {
      expect([key, (await fixture.redis.commands.pttl(key)) > 0]).toEqual([key, true]);
    }
  });

  it("the settings of a configured room have no TTL, and `drop` deletes every key", async () => {
    await configure({ visibility: "private", retentionMs: 60_000 });
    await chat["chat.setMember"]({ room, user: "ann", role: "member" }, serverCall);
    await chat["chat.moderate"]({ room, user: "bo", action: "ban" }, serverCall);
    await send("one");
    const keys = fixture.keys.room(room);
    expect(await fixture.redis.commands.pttl(keys.meta)).toBe(-1);
    expect(await fixture.redis.commands.pttl(keys.log)).toBeLessThanOrEqual(120_000);
    await chat["chat.drop"]({ room }, serverCall);
    expect(await allKeysOf(room)).toEqual([]);
    await expect(chat["chat.drop"]({ room }, serverCall)).rejects.toMatchObject({ code: "not_found" });
  });

  it("CT1: a page of history ends before or begins after an offset, and has only messages", async () => {
    for (let at = 1; at <= 10; at += 1) {
      await send(`m${at}`);
      await chat["chat.react"]({ room, offset: 2 * at - 1, emoji: "👍" }, bo);
    }
    expect(await history({ limit: 3 })).toMatchObject({ hasMore: true, position: { offset: 20 } });
    expect(await texts({ limit: 3 })).toEqual(["m8", "m9", "m10"]);
    expect(await texts({ limit: 3, before: 15 })).toEqual(["m5", "m6", "m7"]);
    expect(await history({ limit: 2, before: 5 })).toMatchObject({ hasMore: false });
    expect(await texts({ limit: 2, after: 4 })).toEqual(["m3", "m4"]);
    expect(await history({ limit: 2, after: 15 })).toMatchObject({ hasMore: false });
    expect(await texts({ after: 0 })).toHaveLength(10);
    expect(await texts({ before: 1 })).toEqual([]);
  });

  it("CH7: a page of large messages has fewer than `limit` of them, and `hasMore` is true", async () => {
    const text = "x".repeat(4_000);
    for (let at = 0; at < 60; at += 1) await chat["chat.send"]({ room, text }, ann);
    const page = await chat["chat.history"]({ room, limit: 60 }, ann);
    expect(page.messages.length).toBeGreaterThan(20);
    expect(page.messages.length).toBeLessThan(40);
    expect(page.messages.at(-1)!.offset).toBe(60);
    expect(page.hasMore).toBe(true);
    const behind = await chat["chat.history"]({ room, limit: 60, after: 10 }, ann);
    expect(behind.messages[0]!.offset).toBe(11);
    expect(behind.hasMore).toBe(true);
  });

  it("an unused room is empty, and reading its history creates no key", async () => {
    expect(await history({}, ann)).toEqual({ messages: [], hasMore: false, position: null });
    expect(await allKeysOf(room)).toEqual([]);
  });

  it("a send is one round trip and a bounded number of Redis commands", async () => {
    await send("warm");
    const lines = await monitor(fixture.redis.commands, async () => {
      await send("one", bo);
    });
    // Other tests use this Redis too, so the test counts only commands with the room's id in a key.
    const mine = lines.filter((line) => line.includes(room));
    expect(mine.filter((line) => !line.startsWith("[lua]"))).toEqual([expect.any(String)]);
    expect(mine.length).toBeLessThanOrEqual(15);
  });
});

describe("limits of a user's changes", () => {
  /** Calls `change` a number of times. Returns the different error codes of the refused calls. */
  async function repeat(times: number, change: (at: number) => Promise<unknown>): Promise<string[]> {
    const refusals = new Set<string>();
    for (let at = 0; at < times; at += 1) {
      await change(at).catch((error: GrandstandError) => refusals.add(error.code));
    }
    return [...refusals];
  }

  it("CT5: a user who reacts and unreacts 1,000 times is rate limited, and removes no message from the log", async () => {
    for (let at = 1; at <= 30; at += 1) await send(`m${at}`);
    const since = (await history()).position!;
    const refusals = await repeat(1_000, async (at) => {
      const action = at % 2 === 0 ? "chat.react" : "chat.unreact";
      await chat[action]({ room, offset: 1 + (Math.floor(at / 2) % 30), emoji: "👍" }, bo);
    });
    expect(refusals).toEqual(["rate_limited"]);
    expect(await texts()).toEqual(Array.from({ length: 30 }, (_, at) => `m${at + 1}`));
    expect((await unread(cy)).rooms[0]!.unread).toBe(30);
    const { part } = await new SubscriptionStarts(new RoomStore(fixture.dependencies, room)).read(
      cy.caller,
      since,
      5,
    );
    const { publications } = part as { publications: { offset: number }[] };
    expect(publications.map(({ offset }) => offset)).toEqual(
      Array.from({ length: limits.chatChangesPerMinute }, (_, at) => 31 + at),
    );
  });

  it("CT5: changes that fill the log remove no message, and a position before the log's head is `trimmed`", async () => {
    await configure({ logSize: 10 });
    const mod = tokenCall("mod", { role: "moderator" });
    const replyTo = (await send("first")).offset;
    await send("reply", bo, { replyTo });
    const old = (await history()).position!;
    for (let at = 0; at < 2_100; at += 1) {
      const action = at % 2 === 0 ? "chat.react" : "chat.unreact";
      await chat[action]({ room, offset: 1, emoji: "👍" }, mod);
    }
    const keys = fixture.keys.room(room);
    expect(await fixture.redis.commands.llen(keys.log)).toBe(10 + 2_000);
    expect(await texts()).toEqual(["first", "reply"]);
    const start = (since: Position) =>
      new SubscriptionStarts(new RoomStore(fixture.dependencies, room)).read(cy.caller, since, 5);
    expect((await start(old)).part).toMatchObject({
      reason: "trimmed",
      snapshot: { messages: [{ text: "first" }, { text: "reply" }], hasMore: false },
    });
    expect((await start((await history()).position!)).part).toMatchObject({ publications: [] });
    // Messages whose items have left the log can be changed like all others.
    await chat["chat.edit"]({ room, offset: 1, text: "edited" }, ann);
    await chat["chat.react"]({ room, offset: 2, emoji: "🎉" }, cy);
    await chat["chat.delete"]({ room, offset: 2 }, bo);
    expect((await history()).messages).toMatchObject([{ text: "edited" }, { text: "", deleted: true }]);
    expect((await unread(cy)).rooms[0]!.unread).toBe(1);
    for (const key of await allKeysOf(room)) {
      const ttl = await fixture.redis.commands.pttl(key);
      expect([key, ttl > 0 || key === keys.meta]).toEqual([key, true]);
    }
    for (let at = 0; at < 10; at += 1) await send(`m${at}`);
    expect(await texts()).toEqual(Array.from({ length: 10 }, (_, at) => `m${at}`));
    expect(await fixture.redis.commands.hlen(keys.older)).toBe(0);
    expect(await fixture.redis.commands.zcard(keys.index)).toBe(2 * 10 + 1);
  });

  it("CT5: a room whose older messages Redis has lost still serves and trims the other messages", async () => {
    await configure({ logSize: 10 });
    await send("lost");
    await send("two");
    const mod = tokenCall("mod", { role: "moderator" });
    for (let at = 0; at < 2_010; at += 1) {
      const action = at % 2 === 0 ? "chat.react" : "chat.unreact";
      await chat[action]({ room, offset: 2, emoji: "👍" }, mod);
    }
    const keys = fixture.keys.room(room);
    expect(await fixture.redis.commands.hlen(keys.older)).toBe(2);
    await fixture.redis.commands.unlink(keys.older);
    expect(await texts()).toEqual([]);
    for (let at = 0; at < 12; at += 1) await send(`m${at}`);
    expect(await texts()).toEqual(Array.from({ length: 10 }, (_, at) => `m${at + 2}`));
  });

  it("CT5: a user can change the reactions to one message only a limited number of times", async () => {
    await send("one");
    const keys = fixture.keys.room(room);
    const react = (at: number) =>
      chat[at % 2 === 0 ? "chat.react" : "chat.unreact"]({ room, offset: 1, emoji: "👍" }, bo);
    await repeat(limits.chatReactionChangesPerMessage, react);
    // As if a minute had passed: the limit of changes per minute counts from 0 again.
    await fixture.redis.commands.hdel(keys.changed, "bo");
    await expect(react(0)).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "offset", rule: "reactionChangesPerMessage" }],
    });
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, cy);
  });

  it("CT5: edits and deletions of a user are limited per minute, but not those of moderators", async () => {
    const limit = limits.chatChangesPerMinute;
    for (let at = 0; at <= limit; at += 1) await send(`m${at}`);
    const refused = await repeat(limit, (at) => chat["chat.edit"]({ room, offset: at + 1, text: "x" }, ann));
    expect(refused).toEqual([]);
    await expect(chat["chat.delete"]({ room, offset: 1 }, ann)).rejects.toMatchObject({
      code: "rate_limited",
      issues: [{ path: "room", rule: "changesPerMinute" }],
      retryAfterMs: expect.any(Number),
    });
    await chat["chat.setMember"]({ room, user: "ann", role: "moderator" }, serverCall);
    await chat["chat.delete"]({ room, offset: 1 }, ann);
  });

  it("CT4, CT5: Redis has an edited message's text once; when the message is trimmed, its last edit gets the text", async () => {
    await configure({ logSize: 10 });
    await send("one");
    await send("two");
    const since = (await history()).position!;
    for (let at = 0; at < 50; at += 1) {
      await chat["chat.edit"]({ room, offset: 1, text: `secret-${at}` }, ann);
    }
    expect((await contentOf(room)).match(/secret-/g)).toHaveLength(1);
    const editsSince = async () => {
      const store = new RoomStore(fixture.dependencies, room);
      const { part } = await new SubscriptionStarts(store).read(cy.caller, since, 5);
      const { publications } = part as { publications: { event: string; data: { text: string } }[] };
      return publications.filter(({ event }) => event === "chat.edited").map(({ data }) => data.text);
    };
    expect(await editsSince()).toEqual(Array.from({ length: 50 }, () => "secret-49"));
    for (let at = 0; at < 9; at += 1) await send(`m${at}`);
    expect((await texts())[0]).toBe("two");
    expect((await editsSince()).at(-1)).toBe("secret-49");
  });
});

it("AU10: the number of rooms that a user can create is limited, but not the messages to existing rooms", async () => {
  const id = freshId("user");
  const user = userCall(id);
  const budget = new CreationBudget({ points: 10, windowSeconds: 60 }, fixture.redis.commands, fixture.keys);
  const limited = chatHandlers({ ...fixture.dependencies, creationBudget: budget });
  const sendTo = (to: string, call: Call = user) => limited["chat.send"]({ room: to, text: "x" }, call);
  let begun = 0;
  await eventually(async () => {
    begun += 1;
    await expect(sendTo(`${room}-${begun}`)).rejects.toMatchObject({ code: "rate_limited" });
  });
  expect(begun).toBeGreaterThan(10);
  expect(begun).toBeLessThan(20);
  expect(await allKeysOf(`${room}-${begun}`)).toEqual([]);
  await expect(sendTo(directRoom(id, "bo"))).rejects.toMatchObject({
    code: "rate_limited",
  });
  for (let at = 1; at < begun; at += 1) await sendTo(`${room}-${at}`);
  await sendTo(`${room}-${begun}`, serverCall);
  await sendTo(`${room}-${begun}`);
  await configure();
  await sendTo(room);
});

describe("after the clock of Redis was ahead", () => {
  const TWO_HOURS_MS = 7_200_000;

  /** Sends a message, and changes its time in Redis as if the clock had been two hours ahead. */
  async function sendAhead(): Promise<void> {
    const keys = fixture.keys.room(room);
    await send("ahead");
    const ahead = Date.now() + TWO_HOURS_MS;
    const item = JSON.parse((await fixture.redis.commands.lindex(keys.log, -1))!);
    item[3] = String(ahead);
    await fixture.redis.commands.lset(keys.log, -1, JSON.stringify(item));
    await fixture.redis.commands.hset(keys.meta, { lastAt: String(ahead) });
  }

  it("AU9, CT1: sentAt of the next message is right, and messages in the history are still ordered by sentAt", async () => {
    await send("before");
    await sendAhead();
    const { sentAt } = await send("after");
    expect(Math.abs(Date.parse(sentAt) - Date.now())).toBeLessThan(10_000);
    const times = (await history()).messages.map((message) => message.sentAt);
    expect(times).toEqual(times.toSorted());
  });

  it("AU9, CT7: a mute and a ban apply even if the last message has a time in the future", async () => {
    const moderate = (user: string, action: "mute" | "ban") =>
      chat["chat.moderate"]({ room, user, action, ttlMs: 60_000 }, serverCall);
    await moderate("ann", "mute");
    await moderate("bo", "ban");
    await chat["chat.send"]({ room, text: "ahead" }, serverCall);
    await fixture.redis.commands.hset(fixture.keys.room(room).meta, {
      lastAt: String(Date.now() + TWO_HOURS_MS),
    });
    await expect(send("no", ann)).rejects.toMatchObject({ code: "forbidden" });
    await expect(send("no", bo)).rejects.toMatchObject({ code: "forbidden" });
    expect(await moderate("cy", "mute")).toMatchObject({ muted: true });
    await expect(send("no", ann)).rejects.toMatchObject({ code: "forbidden" });
    await expect(history({}, bo)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("AU9: a sanction is kept for a day after its end, in case the clock is set back", async () => {
    const keys = fixture.keys.room(room);
    await fixture.redis.commands.zadd(keys.bans, Date.now() - TWO_HOURS_MS, "bo");
    await fixture.redis.commands.zadd(keys.bans, Date.now() - 2 * 86_400_000, "cy");
    await chat["chat.moderate"]({ room, user: "ann", action: "ban", ttlMs: 60_000 }, serverCall);
    expect(await fixture.redis.commands.zrange(keys.bans, "0", "-1")).toEqual(["bo", "ann"]);
  });

  it("AU9, CT7, CT8: a pause of slow mode or typing does not apply if its TTL is longer than such a pause", async () => {
    await configure({ slowModeMs: 60_000 });
    const keys = fixture.keys.room(room);
    for (const action of ["sent", "typed"] as const) {
      await fixture.redis.commands.set(keys.pace(action, "ann"), "1", "PX", TWO_HOURS_MS);
    }
    await send("one", ann);
    expect(await chat["chat.typing"]({ room }, ann)).toEqual({ sent: true });
    await expect(send("two", ann)).rejects.toMatchObject({ code: "rate_limited" });
  });
});

describe("threads", () => {
  it("CT11: the history of a thread has its replies, their number, and the number of unread ones", async () => {
    const { offset: parent } = await send("question");
    const { offset: other } = await send("other question", bo);
    for (let at = 1; at <= 4; at += 1) {
      await send(`reply ${at}`, at % 2 === 0 ? ann : bo, { replyTo: parent });
      await send(`aside ${at}`, cy, { replyTo: other });
    }
    const thread = (more: object = {}, call: Call = ann) =>
      chat["chat.history"]({ room, limit: 100, thread: parent, ...more }, call);
    const page = await thread();
    expect(page.messages.map(({ text }) => text)).toEqual(["reply 1", "reply 2", "reply 3", "reply 4"]);
    expect(page).toMatchObject({ hasMore: false, thread: { count: 4, unread: 2 } });
    const last = await thread({ limit: 3 });
    expect(last).toMatchObject({ hasMore: true, messages: [{ text: "reply 2" }, {}, {}] });
    expect(await thread({ limit: 3, before: last.messages[0]!.offset })).toMatchObject({
      hasMore: false,
      messages: [{ text: "reply 1" }],
    });
    expect(await thread({ after: last.messages[0]!.offset })).toMatchObject({
      messages: [{ text: "reply 3" }, { text: "reply 4" }],
    });
    await chat["chat.read"]({ room, offset: page.messages[0]!.offset }, ann);
    expect((await thread()).thread).toEqual({ count: 4, unread: 1 });
    await chat["chat.delete"]({ room, offset: page.messages[2]!.offset }, bo);
    expect((await thread()).thread).toEqual({ count: 3, unread: 0 });
    expect((await thread({}, cy)).thread).toEqual({ count: 3, unread: 3 });
    expect(await thread({ thread: 999 })).toMatchObject({ messages: [], thread: { count: 0, unread: 0 } });
    expect((await history()).thread).toBeUndefined();
  });

  it("CT11: trimming removes replies from their threads", async () => {
    await configure({ logSize: 10 });
    await send("parent");
    for (let at = 0; at < 5; at += 1) await send(`reply ${at}`, bo, { replyTo: 1 });
    for (let at = 0; at < 8; at += 1) await send(`m${at}`);
    const page = await chat["chat.history"]({ room, limit: 100, thread: 1 }, ann);
    expect(page).toMatchObject({
      messages: [{ text: "reply 3" }, { text: "reply 4" }],
      thread: { count: 2 },
    });
    expect(await fixture.redis.commands.zcard(fixture.keys.room(room).index)).toBe(2 * 10 + 2 * 2 + 1);
  });
});

describe("access", () => {
  const hidden = { code: "forbidden", message: "You may not see this room" };

  it("CT6: only members have access to a private room", async () => {
    await configure({ visibility: "private" });
    await chat["chat.setMember"]({ room, user: "ann", role: "member" }, serverCall);
    await send("one");
    for (const call of [
      send("no", bo),
      history({}, bo),
      chat["chat.edit"]({ room, offset: 1, text: "x" }, bo),
      chat["chat.delete"]({ room, offset: 1 }, bo),
      chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo),
      chat["chat.read"]({ room, offset: 1 }, bo),
      chat["chat.typing"]({ room }, bo),
      chat["chat.members"]({ room, limit: 10 }, bo),
      chat["chat.member"]({ room, user: "ann" }, bo),
      chat["chat.setMember"]({ room, user: "bo", role: "member" }, bo),
      chat["chat.removeMember"]({ room, user: "ann" }, bo),
      chat["chat.moderate"]({ room, user: "ann", action: "ban" }, bo),
    ]) {
      await expect(call).rejects.toMatchObject(hidden);
    }
    expect(await unread(bo)).toEqual({ rooms: [{ room, unread: 0, read: 0 }] });
    await chat["chat.setMember"]({ room, user: "bo", role: "member" }, serverCall);
    expect(await history({}, bo)).toMatchObject({ messages: [{ text: "one" }] });
  });

  it("CT6: only the two users in a direct room's name have access, also if an id has special characters", async () => {
    room = directRoom("zoë: {x}", "ann");
    const zoe = userCall("zoë: {x}");
    await send("hej", zoe);
    expect(await history({}, ann)).toMatchObject({ messages: [{ user: "zoë: {x}" }] });
    await expect(history({}, bo)).rejects.toMatchObject(hidden);
    await expect(send("hej", bo)).rejects.toMatchObject(hidden);
    await expect(
      chat["chat.setMember"]({ room, user: "bo", role: "member" }, serverCall),
    ).rejects.toMatchObject({
      code: "bad_request",
    });
    room = directRoom("cy", "dee");
    await expect(history({}, bo)).rejects.toMatchObject(hidden);
  });

  it("when open rooms are disabled, an unconfigured room is closed like a private one", async () => {
    const closed = chatHandlers({ ...fixture.dependencies, openRooms: false });
    await expect(closed["chat.send"]({ room, text: "x" }, ann)).rejects.toMatchObject(hidden);
    await expect(closed["chat.history"]({ room, limit: 1 }, ann)).rejects.toMatchObject(hidden);
    await configure();
    expect(await closed["chat.send"]({ room, text: "x" }, ann)).toMatchObject({ message: { offset: 1 } });
    expect(await closed["chat.send"]({ room: directRoom("ann", "bo"), text: "x" }, ann)).toBeDefined();
  });

  it("`members` returns pages, and a member may remove itself", async () => {
    for (let at = 0; at < 700; at += 1) {
      await chat["chat.setMember"]({ room, user: `u${at}`, role: "member" }, serverCall);
    }
    await chat["chat.setMember"]({ room, user: "ann", role: "moderator" }, serverCall);
    const found = new Map<string, string>();
    let cursor: string | undefined;
    do {
      const page = await chat["chat.members"]({ room, limit: 100, cursor }, ann);
      for (const { user, role } of page.members) found.set(user, role);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found.size).toBe(701);
    expect(found.get("ann")).toBe("moderator");
    expect(await chat["chat.member"]({ room, user: "u3" }, bo)).toEqual({ user: "u3", role: "member" });
    expect(await chat["chat.removeMember"]({ room, user: "u3" }, userCall("u3"))).toEqual({ removed: true });
    await expect(chat["chat.member"]({ room, user: "u3" }, bo)).rejects.toMatchObject({ code: "not_found" });
    await expect(chat["chat.removeMember"]({ room, user: "u4" }, bo)).rejects.toMatchObject({
      code: "forbidden",
    });
    await chat["chat.removeMember"]({ room, user: "u4" }, ann);
    await expect(chat["chat.setMember"]({ room, user: "u5", role: "moderator" }, ann)).rejects.toMatchObject({
      code: "forbidden",
    });
    for (const cursor of ["x", "-1", String(2n ** 64n), "9".repeat(20)]) {
      await expect(chat["chat.members"]({ room, limit: 10, cursor }, ann)).rejects.toMatchObject({
        code: "bad_request",
      });
    }
  });
});

describe("moderation", () => {
  const moderate = (
    user: string,
    action: "mute" | "unmute" | "ban" | "unban",
    ttlMs?: number,
    call: Call = serverCall,
  ) => chat["chat.moderate"]({ room, user, action, ttlMs }, call);

  it("CT7: a muted user gets `forbidden` with the end of the mute", async () => {
    const { mutedUntil } = await moderate("ann", "mute", 60_000);
    const refused: GrandstandError = await send("no").catch((error) => error);
    expect(refused).toMatchObject({ code: "forbidden", issues: [{ rule: "muted" }] });
    expect(refused.message).toContain(mutedUntil);
    expect(refused.retryAfterMs).toBeGreaterThan(50_000);
    expect(await history({}, ann)).toMatchObject({ messages: [] });
    expect(await moderate("ann", "unmute")).toMatchObject({ muted: false, mutedUntil: null });
    await send("yes");
    expect(await moderate("ann", "mute")).toMatchObject({ muted: true, mutedUntil: null });
    await expect(send("no")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/permanently/),
    });
  });

  it("a mute and a ban end when their TTL is over", async () => {
    await moderate("ann", "mute", 50);
    await moderate("bo", "ban", 50);
    await eventually(() => send("again"));
    await eventually(() => send("again", bo));
  });

  it("CT6: a banned user has no access to the room", async () => {
    await send("one");
    expect(await moderate("ann", "ban")).toEqual({
      user: "ann",
      muted: false,
      mutedUntil: null,
      banned: true,
      bannedUntil: null,
    });
    await expect(history({}, ann)).rejects.toMatchObject({ code: "forbidden" });
    await expect(send("no")).rejects.toMatchObject({ code: "forbidden" });
    expect(await moderate("ann", "unban")).toMatchObject({ banned: false });
    await send("yes");
  });

  it("moderators can ban other users, but not each other", async () => {
    await chat["chat.setMember"]({ room, user: "ann", role: "moderator" }, serverCall);
    await chat["chat.setMember"]({ room, user: "bo", role: "moderator" }, serverCall);
    await expect(moderate("ann", "mute", 1_000, cy)).rejects.toMatchObject({ code: "forbidden" });
    await expect(moderate("bo", "ban", 1_000, ann)).rejects.toMatchObject({ code: "forbidden" });
    expect(await moderate("cy", "ban", 60_000, ann)).toMatchObject({ banned: true });
  });

  it("CT7: slow mode applies to each user separately, and not to moderators and servers", async () => {
    await configure({ slowModeMs: 60_000 });
    await chat["chat.setMember"]({ room, user: "cy", role: "moderator" }, serverCall);
    await send("one", ann);
    await send("one", bo);
    const refused: GrandstandError = await send("two", ann).catch((error) => error);
    expect(refused).toMatchObject({ code: "rate_limited", issues: [{ rule: "slowModeMs" }] });
    expect(refused.retryAfterMs).toBeGreaterThan(50_000);
    for (let at = 0; at < 3; at += 1) {
      await send("fast", cy);
      await send("fast", serverCall);
    }
    await configure({ slowModeMs: 0 });
    await send("three", ann);
  });
});

describe("read marks", () => {
  it("CT9: the unread count is the number of other users' messages after the read mark, without deleted ones", async () => {
    await send("1", ann);
    await send("2", bo);
    await send("3", serverCall);
    expect(await unread(ann)).toEqual({ rooms: [{ room, unread: 2, read: 0 }] });
    await chat["chat.edit"]({ room, offset: 2, text: "two" }, bo);
    await chat["chat.react"]({ room, offset: 1, emoji: "👍" }, bo);
    expect(await unread(ann)).toMatchObject({ rooms: [{ unread: 2 }] });
    expect(await chat["chat.read"]({ room, offset: 2 }, ann)).toEqual({ offset: 2 });
    expect(await unread(ann)).toEqual({ rooms: [{ room, unread: 1, read: 2 }] });
    await chat["chat.delete"]({ room, offset: 3 }, serverCall);
    expect(await unread(ann)).toMatchObject({ rooms: [{ unread: 0 }] });
    await send("4", bo);
    await send("5", ann);
    expect(await unread(ann)).toMatchObject({ rooms: [{ unread: 1 }] });
    expect(await chat["chat.read"]({ room, offset: 1 }, ann)).toEqual({ offset: 2 });
    await expect(chat["chat.read"]({ room, offset: 99 }, ann)).rejects.toMatchObject({ code: "not_found" });
  });

  it("CT9: one call counts the unread messages of 100 rooms, each separately", async () => {
    const rooms = Array.from({ length: 100 }, () => freshId("room"));
    for (const [at, id] of rooms.entries()) {
      for (let count = 0; count < at % 4; count += 1) await chat["chat.send"]({ room: id, text: "x" }, bo);
    }
    const { rooms: counted } = await unread(ann, rooms);
    expect(counted).toEqual(rooms.map((id, at) => ({ room: id, unread: at % 4, read: 0 })));
  });
});

it("CT8: typing of a user is published at most once in 2 s, and is never stored", async () => {
  await send("one");
  const before = await contentOf(room);
  expect(await chat["chat.typing"]({ room }, ann)).toEqual({ sent: true });
  expect(await chat["chat.typing"]({ room }, ann)).toEqual({ sent: false });
  expect(await chat["chat.typing"]({ room }, bo)).toEqual({ sent: true });
  for (const user of ["ann", "bo"]) {
    const ttl = await fixture.redis.commands.pttl(fixture.keys.room(room).pace("typed", user));
    expect(ttl).toBeGreaterThan(1_000);
    expect(ttl).toBeLessThanOrEqual(2_000);
    await fixture.redis.commands.unlink(fixture.keys.room(room).pace("typed", user));
  }
  expect(await contentOf(room)).toBe(before);
});
