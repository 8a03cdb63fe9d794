import { GrandstandError } from "@grandstand/shared/errors";
import { StrictMode } from "react";
import type { Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatMessage, Client } from "./client.js";
import {
  GrandstandProvider,
  useChat,
  useCounter,
  useInbox,
  useLeaderboard,
  useNotices,
  usePresence,
  usePresenceOf,
  useUnread,
  useUser,
} from "./react.js";
import { topOf } from "./testing/entries.js";
import { mount } from "./testing/render.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let client: Client;
let root: Root | undefined;

beforeEach(async () => {
  node = await TestNode.start();
  node.user = { id: "ada", name: null, avatar: null, isGuest: false };
  client = node.connect();
});
afterEach(async () => {
  root?.unmount();
  root = undefined;
  await node.stop();
});

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

/** Renders a hook under StrictMode. @returns the result of the hook at each render */
async function show<T>(hook: () => T): Promise<T[]> {
  const shown: T[] = [];
  root = await mount(page(hook, shown));
  return shown;
}

function page<T>(hook: () => T, shown: T[]) {
  const Probe = () => {
    shown.push(hook());
    return null;
  };
  return (
    <StrictMode>
      <GrandstandProvider client={client}>
        <Probe />
      </GrandstandProvider>
    </StrictMode>
  );
}

/** What a hook returns when the page is rendered on a server. */
function onServer<T>(hook: () => T): T {
  const shown: T[] = [];
  renderToString(page(hook, shown));
  return shown.at(-1)!;
}

function subscribe(snapshot: object): void {
  node.reply("channel.subscribe", ({ channel }) => ({
    channel,
    position: { epoch: "e1", offset: 1 },
    recovered: false,
    snapshot,
  }));
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
}

const message = { id: "m1", offset: 1, user: "bo", text: "hi" } as ChatMessage;
const bo = { user: "bo", state: null, since: "2025-01-01T00:00:00.000Z", profile: null };
const whereabouts = { user: "bo", online: true, rooms: [], lastSeenAt: null };

describe("data that was fetched on a server", () => {
  const boards = () => useLeaderboard("arcade", { initialData: { entries: topOf(10), total: 60 } });
  const counters = () => useCounter("likes", { initialData: { value: 5 } });
  const rooms = () => useChat("lobby", { initialData: { messages: [message], hasMore: true } });
  const people = () => usePresence("lobby", { initialData: { count: 1, members: [bo] } });
  const unread = () => useUnread(["lobby"], { initialData: [{ room: "lobby", unread: 3, read: 0 }] });
  const friends = () => usePresenceOf(["bo", "cy"], { initialData: [whereabouts] });

  it("appears as stale when the page is rendered on a server, without a request", () => {
    expect(onServer(boards)).toMatchObject({ status: "stale", total: 60, entries: topOf(10) });
    expect(onServer(counters)).toMatchObject({ status: "stale", value: 5 });
    expect(onServer(rooms)).toMatchObject({
      status: "stale",
      hasMore: true,
      messages: [{ text: "hi", key: "m1", state: "sent" }],
    });
    expect(onServer(people)).toMatchObject({ status: "stale", count: 1, members: [bo], isIn: false });
    expect(onServer(unread)).toMatchObject({ status: "stale", unread: { lobby: 3 }, total: 3 });
    expect(onServer(friends)).toMatchObject({ status: "stale", online: ["bo"] });
    expect(node.requests).toEqual([]);
  });

  it("appears as stale until the view is live", async () => {
    let answer = () => {};
    node.answer("channel.subscribe", ({ input, ack }) => {
      answer = () =>
        ack({
          ok: true,
          data: {
            channel: input.channel,
            position: { epoch: "e1", offset: 1 },
            recovered: false,
            snapshot: { value: 7, crossed: [] },
          },
        });
    });
    const shown = await show(counters);
    await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(1));
    expect(shown.map(({ status, value }) => `${status} ${value}`)).toEqual(shown.map(() => "stale 5"));
    answer();
    await eventually(() => expect(shown.at(-1)).toMatchObject({ status: "live", value: 7 }));
  });
});

it("without initial data, every hook for live data is loading when it is rendered on a server", () => {
  const hooks = [
    () => useLeaderboard("arcade"),
    () => useCounter("likes"),
    () => useChat("lobby"),
    () => usePresence("lobby"),
    () => useUser(),
    () => useNotices(),
    () => useInbox(),
    () => useUnread(["lobby"]),
    () => usePresenceOf(["bo"]),
  ];
  for (const hook of hooks) expect(onServer<{ status: string }>(hook).status).toBe("loading");
  expect(node.requests).toEqual([]);
});

it("retry() retries a refused subscription at once", async () => {
  node.reply("channel.subscribe", () => {
    throw new GrandstandError("not_found", "There is no such counter");
  });
  const shown = await show(() => useCounter("likes"));
  await eventually(() => expect(shown.at(-1)?.status).toBe("failed"));
  subscribe({ value: 7, crossed: [] });
  shown.at(-1)!.retry();
  await vi.waitFor(() => expect(shown.at(-1)).toMatchObject({ status: "live", value: 7 }), { timeout: 900 });
  expect(shown.at(-1)!.retry).toBe(shown[0]!.retry);
});

it("useUser and useNotices return the user's rooms and notices, and onNotice is called once for a new notice", async () => {
  const noticeOf = (id: string) => ({ id, name: "invite", data: null, sentAt: "2025-01-01T00:00:00.000Z" });
  subscribe({ rooms: ["lobby"], notices: [noticeOf("n1")] });
  const seen: string[] = [];
  const shown = await show(() => ({
    user: useUser(),
    own: useNotices({ onNotice: ({ id }) => seen.push(id) }),
  }));
  await eventually(() =>
    expect(shown.at(-1)?.own).toMatchObject({ status: "live", notices: [{ id: "n1" }] }),
  );
  expect(shown.at(-1)?.user).toMatchObject({ rooms: ["lobby"] });
  const publication = { offset: 2, event: "user.notice", data: noticeOf("n2") };
  node.push({ channel: "user:ada", epoch: "e1", publications: [publication] });
  await eventually(() => expect(seen).toEqual(["n2"]));
  expect(node.inputsOf("channel.subscribe")).toHaveLength(1);
});

it("useUnread and usePresenceOf return the values of all their rooms and users from one read each", async () => {
  node.reply("chat.unread", ({ rooms }) => ({
    rooms: (rooms as string[]).map((room) => ({ room, unread: 2, read: 0 })),
  }));
  node.reply("presence.lookup", ({ users }) => ({
    users: (users as string[]).map((user) => ({ ...whereabouts, user, online: user === "bo" })),
  }));
  const shown = await show(() => ({
    unread: useUnread(["lobby", "attic"]),
    friends: usePresenceOf(["bo", "cy"]),
  }));
  await eventually(() =>
    expect(shown.at(-1)).toMatchObject({
      unread: { status: "live", unread: { lobby: 2, attic: 2 }, total: 4 },
      friends: { status: "live", online: ["bo"], users: { cy: { online: false } } },
    }),
  );
  expect(node.inputsOf("chat.unread")).toHaveLength(1);
  expect(node.inputsOf("presence.lookup")).toHaveLength(1);
});

it("useInbox begins with its initial data, and then follows the user's rooms", async () => {
  subscribe({ rooms: [], notices: [] });
  const lobby = { room: "lobby", unread: 1, read: 3, lastMessage: message };
  node.reply("chat.rooms", () => ({ rooms: [lobby], nextCursor: null }));
  const initialData = { rooms: [{ ...lobby, unread: 9 }], nextCursor: "more" };
  expect(onServer(() => useInbox({ initialData }))).toMatchObject({
    status: "stale",
    unread: 9,
    hasMore: true,
  });
  const shown = await show(() => useInbox({ initialData }));
  await eventually(() => expect(shown.at(-1)).toMatchObject({ status: "live", unread: 1, hasMore: false }));
  node.reply("chat.read", ({ offset }) => ({ offset }));
  node.reply("chat.rooms", () => ({ rooms: [], nextCursor: null }));
  const data = { room: "lobby", unread: 2, lastMessage: { ...message, offset: 5 } };
  node.push({ channel: "user:ada", epoch: "e1", publications: [{ offset: 1, event: "chat.unread", data }] });
  await eventually(() => expect(shown.at(-1)?.rooms).toMatchObject([{ unread: 2 }]));
  await shown.at(-1)!.markRead("lobby");
  await eventually(() => expect(shown.at(-1)).toMatchObject({ unread: 0, rooms: [{ read: 5 }] }));
});
