import type { Publication } from "@grandstand/shared/channels";
import { directRoom } from "@grandstand/shared/direct-rooms";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cap, tokenCall, userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import type { Connection } from "../../core/connection.js";
import { Hub } from "../../live/hub.js";
import type { Topics } from "../../redis/topics.js";
import { userSource } from "../user/feed.js";
import { ChatInboxes } from "./inboxes.js";

let fixture: ChatFixture;
let chat: ChatFixture["chat"];
let topics: Topics;
let hub: Hub;
let room: string;
let user: string;
let me: Call;
const bo = userCall("bo");

beforeAll(async () => {
  fixture = await chatFixture();
  chat = fixture.chat;
  const { redis, dependencies } = fixture;
  topics = redis.topics;
  await topics.start();
  const queueLimits = { queuedBytes: 1_000_000, closeBytes: 4_000_000, closeMs: 15_000 };
  const inboxes = new ChatInboxes(dependencies, topics);
  hub = new Hub(topics, { user: userSource({ ...dependencies, inboxes }) }, 0, queueLimits, 128);
});

afterAll(async () => {
  expect(hub.channelCount).toBe(0);
  await eventually(() => expect(topics.topicCount).toBe(0));
  topics.stop();
  await fixture.redis.close();
});

beforeEach(() => {
  room = freshId("room");
  user = freshId("user");
  me = userCall(user);
});

/** Subscribes to the user's channel, and collects its publications. */
async function follow(call = me) {
  const publications: Publication[] = [];
  const connection = {
    id: freshId("connection"),
    caller: call.caller,
    queuedBytes: 0,
    broadcaster: { join() {}, leave() {}, broadcast() {} },
    send: (push: { publications: Publication[] }) => publications.push(...push.publications),
    onSubscriptionEnded() {},
  } as unknown as Connection;
  const { begin } = await hub.subscribe(connection, `user:${user}`, { view: undefined, since: undefined });
  begin();
  return {
    of: (event: string) => publications.filter((each) => each.event === event).map(({ data }) => data),
    leave: () => hub.drop(connection),
  };
}

function configure(more: object = {}) {
  const settings = { logSize: 1_000, retentionMs: 86_400_000, slowModeMs: 0 };
  return chat["chat.configure"]({ room, ...settings, ...more }, serverCall);
}

/** Waits until the clock of Redis shows a later millisecond, so that the next write is newer than all before it. */
async function nextMillisecond() {
  const now = async () => {
    const [seconds, microseconds] = await fixture.redis.commands.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  };
  const before = await now();
  await eventually(async () => expect(await now()).toBeGreaterThan(before));
}

const send = (text: string, call: Call = bo, to = room) => chat["chat.send"]({ room: to, text }, call);
const roomsOf = (call = me, more: object = {}) => chat["chat.rooms"]({ limit: 50, ...more }, call);

it("CT10: a user's list has the rooms that the user is a member of, has written in or has read, and direct rooms", async () => {
  const ids = {
    member: freshId("room"),
    written: freshId("room"),
    read: freshId("room"),
    other: freshId("room"),
  };
  room = ids.member;
  await configure({ visibility: "private" });
  await chat["chat.setMember"]({ room, user, role: "member" }, serverCall);
  await nextMillisecond();
  await send("mine", me, ids.written);
  await nextMillisecond();
  await send("theirs", bo, ids.read);
  await chat["chat.read"]({ room: ids.read, offset: 1 }, me);
  await nextMillisecond();
  await send("elsewhere", bo, ids.other);
  const direct = directRoom(user, "bo");
  await send("direct", bo, direct);
  const { rooms, nextCursor } = await roomsOf();
  expect(nextCursor).toBeNull();
  expect(rooms.slice(0, 3)).toMatchObject([
    { room: direct, unread: 1, read: 0, lastMessage: { text: "direct", user: "bo" } },
    { room: ids.read, unread: 0, read: 1, lastMessage: { text: "theirs" } },
    { room: ids.written, unread: 0, read: 0, lastMessage: { text: "mine" } },
  ]);
  expect(rooms[3]).toEqual({ room: ids.member, unread: 0, read: 0, lastMessage: null });
  expect(rooms).toHaveLength(4);
  expect((await roomsOf(bo)).rooms.map((each) => each.room)).toContain(direct);
});

it("CT10: pages begin with the latest activity, and leave out rooms to which the user has lost access", async () => {
  const ids = Array.from({ length: 5 }, () => freshId("room"));
  for (const id of ids) {
    await send("x", me, id);
    await nextMillisecond();
  }
  const first = await roomsOf(me, { limit: 2 });
  const second = await roomsOf(me, { limit: 2, cursor: first.nextCursor! });
  const third = await roomsOf(me, { limit: 2, cursor: second.nextCursor! });
  const listed = [first, second, third].flatMap(({ rooms }) => rooms.map((each) => each.room));
  expect(listed).toEqual(ids.toReversed());
  expect(third.nextCursor).toBeNull();
  await chat["chat.moderate"]({ room: ids[0]!, user, action: "ban" }, serverCall);
  expect((await roomsOf()).rooms).toHaveLength(4);
  for (const cursor of ["x", Buffer.from("1").toString("base64url"), "a".repeat(300)]) {
    await expect(roomsOf(me, { cursor })).rejects.toMatchObject({ code: "bad_request" });
  }
  await expect(roomsOf(serverCall)).rejects.toMatchObject({ code: "forbidden" });
});

it("CT10: removing a member removes the room from the list of that user", async () => {
  await configure({ visibility: "private" });
  await chat["chat.setMember"]({ room, user, role: "member" }, serverCall);
  expect((await roomsOf()).rooms).toHaveLength(1);
  await chat["chat.removeMember"]({ room, user }, serverCall);
  expect((await roomsOf()).rooms).toEqual([]);
});

it("CT10: each device of a user receives unread counts and read marks over its subscription to the user's channel", async () => {
  await configure({ visibility: "private" });
  await chat["chat.setMember"]({ room, user, role: "member" }, serverCall);
  await chat["chat.setMember"]({ room, user: "bo", role: "member" }, serverCall);
  const devices = [await follow(), await follow()];
  await eventually(async () => {
    await send("hej");
    expect(devices[0]!.of("chat.unread").length).toBeGreaterThan(0);
  });
  const { offset } = (await send("last")).message;
  for (const device of devices) {
    await eventually(() =>
      expect(device.of("chat.unread").at(-1)).toMatchObject({
        room,
        unread: offset,
        lastMessage: { text: "last", offset },
      }),
    );
  }
  await chat["chat.read"]({ room, offset }, me);
  for (const device of devices) {
    await eventually(() => expect(device.of("chat.read")).toEqual([{ room, offset }]));
    await eventually(() => expect(device.of("chat.unread").at(-1)).toMatchObject({ room, unread: 0 }));
  }
  for (const device of devices) device.leave();
});

it("CT10: a subscriber receives the counts of rooms that the user joins later, and none of rooms that the user left", async () => {
  const device = await follow();
  const direct = directRoom(user, "bo");
  await send("hej", bo, direct);
  await eventually(() =>
    expect(device.of("chat.unread")).toMatchObject([
      { room: direct, unread: 1, lastMessage: { text: "hej" } },
    ]),
  );
  await configure({ visibility: "private" });
  await chat["chat.setMember"]({ room, user, role: "member" }, serverCall);
  await eventually(() => expect(device.of("chat.unread")).toHaveLength(2));
  await chat["chat.removeMember"]({ room, user }, serverCall);
  await send("secret", serverCall);
  await send("again", bo, direct);
  await eventually(() => expect(device.of("chat.unread").at(-1)).toMatchObject({ room: direct, unread: 2 }));
  expect(JSON.stringify(device.of("chat.unread"))).not.toContain("secret");
  device.leave();
});

it("CT10: a room's unread count is published at most once a second, and the last count arrives", async () => {
  const direct = directRoom(user, "bo");
  const device = await follow();
  const startedAt = performance.now();
  for (let at = 1; at <= 60; at += 1) await send(`m${at}`, bo, direct);
  await eventually(() => expect(device.of("chat.unread").at(-1)).toMatchObject({ unread: 60 }));
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(device.of("chat.unread").length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
  device.leave();
});

it("CT10: a connection whose token does not allow a room receives nothing about that room", async () => {
  const direct = directRoom(user, "bo");
  const other = await follow();
  const limited = await follow(tokenCall(user, { caps: [cap(`user:${user}`, "subscribe")] }));
  await send("hej", bo, direct);
  await eventually(() => expect(other.of("chat.unread")).toHaveLength(1));
  expect(limited.of("chat.unread")).toEqual([]);
  for (const device of [other, limited]) device.leave();
});

it("CT10: a user's list keeps the 500 rooms that were added last, and has a TTL", async () => {
  const { chats } = fixture.keys.user(user);
  const { commands } = fixture.redis;
  await commands.zadd(chats, ...Array.from({ length: 600 }, (_, at) => [at, `old-${at}`]).flat());
  await send("hej", me);
  await eventually(async () => expect(await commands.zcard(chats)).toBe(500));
  expect(await commands.zrange(chats, "0", "0")).toEqual(["old-101"]);
  expect(await commands.zrange(chats, "-1", "-1")).toEqual([room]);
  expect(await commands.pttl(chats)).toBeGreaterThan(0);
});
