import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Client, Inbox, InboxRoom } from "../../client.js";
import { chatMessage } from "../../testing/chat-message.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let client: Client;
let inbox: Inbox;
let rooms: InboxRoom[];

/** A room whose last message was sent at the given minute. */
function roomOf(room: string, minute: number, unread = 0): InboxRoom {
  const sentAt = `2025-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`;
  return { room, unread, read: 0, lastMessage: chatMessage(minute, { id: `${room}-${minute}`, sentAt }) };
}

beforeEach(async () => {
  node = await TestNode.start();
  node.user = { id: "ada", name: "Ada", avatar: null, isGuest: false };
  rooms = [roomOf("lobby", 30, 2), roomOf("attic", 20)];
  node.reply("channel.subscribe", ({ channel }) => ({
    channel,
    position: { epoch: "e", offset: 5 },
    recovered: false,
    snapshot: { rooms: [], notices: [] },
  }));
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  node.reply("chat.rooms", ({ cursor, limit }) => {
    const from = cursor === undefined ? 0 : Number(cursor);
    const to = from + (limit as number);
    return { rooms: rooms.slice(from, to), nextCursor: to < rooms.length ? String(to) : null };
  });
  client = node.connect();
  inbox = client.inbox();
});
afterEach(() => node.stop());

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

function publish(event: string, data: object): void {
  node.push({ channel: "user:ada", epoch: "e", publications: [{ offset: 5, event, data }] });
}

function shown(): string[] {
  return inbox.get().rooms.map(({ room, unread }) => `${room} ${unread}`);
}

async function follow(): Promise<() => void> {
  const stop = inbox.subscribe(() => {});
  await eventually(() => expect(inbox.get().status).toBe("live"));
  return stop;
}

it("CT10: an inbox shows the user's rooms, and follows all of them through one subscription", async () => {
  expect(inbox.get()).toMatchObject({ status: "loading", rooms: [], unread: 0 });
  await follow();
  expect(inbox.get()).toMatchObject({ unread: 2, hasMore: false, error: null });
  const [lobby] = inbox.get().rooms;
  const { lastMessage } = roomOf("attic", 40);
  publish("chat.unread", { room: "attic", unread: 1, lastMessage });
  await eventually(() => expect(shown()).toEqual(["attic 1", "lobby 2"]));
  expect(inbox.get().rooms[1]).toBe(lobby);
  publish("chat.unread", { ...roomOf("dm:ada:bo", 41), unread: 5 });
  publish("chat.read", { room: "lobby", offset: 30 });
  publish("chat.read", { room: "unknown", offset: 30 });
  await eventually(() => expect(shown()).toEqual(["dm:ada:bo 5", "attic 1", "lobby 2"]));
  await eventually(() => expect(inbox.get().rooms[2]).toMatchObject({ read: 30 }));
  expect(inbox.get().unread).toBe(8);
  expect(node.inputsOf("channel.subscribe")).toMatchObject([{ channel: "user:ada" }]);
  expect(node.inputsOf("chat.rooms")).toHaveLength(1);
});

it("an inbox loads older rooms by pages, and reads all loaded rooms again after a lost connection", async () => {
  rooms = Array.from({ length: 60 }, (_, at) => roomOf(`room-${at}`, 59 - at));
  await follow();
  expect(inbox.get()).toMatchObject({ hasMore: true });
  const loading = inbox.loadMore();
  expect(inbox.get().isLoadingMore).toBe(true);
  await loading;
  expect(inbox.get()).toMatchObject({ hasMore: false, isLoadingMore: false });
  expect(inbox.get().rooms).toHaveLength(60);
  await inbox.loadMore();
  const before = inbox.get().rooms;
  rooms[0] = { ...rooms[0]!, unread: 3 };
  node.breakConnections();
  await eventually(() => expect(inbox.get().status).toBe("stale"));
  await eventually(() => expect(inbox.get()).toMatchObject({ status: "live", unread: 3 }));
  expect(node.inputsOf("chat.rooms").map(({ limit }) => limit)).toEqual([50, 50, 60]);
  expect(inbox.get().rooms[1]).toBe(before[1]);
});

it("an inbox of more rooms than a page may have keeps them all when it is read again", async () => {
  rooms = Array.from({ length: 170 }, (_, at) => roomOf(`room-${at}`, 169 - at));
  await follow();
  for (const loaded of [100, 150]) {
    await inbox.loadMore();
    expect(inbox.get().rooms).toHaveLength(loaded);
  }
  rooms[120] = { ...rooms[120]!, unread: 3 };
  node.breakConnections();
  await eventually(() => expect(inbox.get()).toMatchObject({ status: "live", unread: 3, hasMore: true }));
  expect(inbox.get().rooms).toHaveLength(150);
  expect(node.inputsOf("chat.rooms").slice(3)).toEqual([{ limit: 100 }, { limit: 50, cursor: "100" }]);
});

it("an inbox applies publications that arrive while its rooms are being read", async () => {
  let reply = () => {};
  node.answer("chat.rooms", ({ ack }) => {
    reply = () => ack({ ok: true, data: { rooms, nextCursor: null } });
  });
  inbox.subscribe(() => {});
  await eventually(() => expect(node.inputsOf("chat.rooms")).toHaveLength(1));
  publish("chat.unread", roomOf("lobby", 31, 3));
  publish("user.entered", { room: "lobby" });
  const user = client.user();
  user.subscribe(() => {});
  await eventually(() => expect(user.get().rooms).toEqual(["lobby"]));
  reply();
  await eventually(() => expect(shown()).toEqual(["lobby 3", "attic 0"]));
});

it("markRead sends the offset of the last message or the given offset, unless the room is read up to there", async () => {
  node.reply("chat.read", ({ offset }) => ({ offset }));
  await follow();
  await inbox.markRead("lobby");
  expect(inbox.get().rooms[0]).toMatchObject({ room: "lobby", unread: 0, read: 30 });
  await inbox.markRead("lobby");
  await inbox.markRead("attic", 10);
  expect(inbox.get().rooms[1]).toMatchObject({ room: "attic", read: 10 });
  expect(node.inputsOf("chat.read")).toMatchObject([
    { room: "lobby", offset: 30 },
    { room: "attic", offset: 10 },
  ]);
});

it("an inbox is read again by itself after an outage, and by retry() after a refusal", async () => {
  let error = new GrandstandError("unavailable", "Later");
  node.reply("chat.rooms", () => {
    throw error;
  });
  inbox.subscribe(() => {});
  await eventually(() =>
    expect(inbox.get()).toMatchObject({ status: "loading", error: { code: "unavailable" } }),
  );
  error = new GrandstandError("forbidden", "No");
  await eventually(() =>
    expect(inbox.get()).toMatchObject({ status: "failed", error: { code: "forbidden" } }),
  );
  node.reply("chat.rooms", () => ({ rooms, nextCursor: null }));
  inbox.retry();
  await eventually(() => expect(inbox.get()).toMatchObject({ status: "live", error: null, unread: 2 }));
});

it("an inbox starts again for another user, and fails when the client is closed", async () => {
  await follow();
  rooms = [roomOf("attic", 20)];
  node.user = { ...node.user!, id: "bo" };
  client.setToken("bo");
  await eventually(() => expect(shown()).toEqual(["attic 0"]));
  expect(node.inputsOf("channel.subscribe").at(-1)).toMatchObject({ channel: "user:bo" });
  client.close();
  expect(inbox.get()).toMatchObject({ status: "failed", error: { code: "unavailable" } });
});

it("an inbox unsubscribes after its last listener was removed, and is read again for a new listener", async () => {
  const stop = await follow();
  stop();
  await eventually(() =>
    expect(node.inputsOf("channel.unsubscribe")).toMatchObject([{ channel: "user:ada" }]),
  );
  await follow();
  expect(node.inputsOf("chat.rooms")).toHaveLength(2);
});
