import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../../client.js";
import { ChatNode } from "../../testing/chat-node.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let client: Client;
let unread: Record<string, number>;

beforeEach(async () => {
  node = await TestNode.start();
  node.user = { id: "ada", name: null, avatar: null, isGuest: false };
  unread = { lobby: 2, attic: 0 };
  node.reply("chat.unread", ({ rooms }) => ({
    rooms: (rooms as string[]).map((room) => ({ room, unread: unread[room] ?? 0, read: 0 })),
  }));
  node.reply("presence.lookup", ({ users }) => ({
    users: (users as string[]).map((user) => ({ user, online: user === "bo", rooms: [], lastSeenAt: null })),
  }));
  client = node.connect();
});
afterEach(() => node.stop());

function eventually(check: () => void, timeout = 5_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 10 });
}

it("reads the keys of all listeners together, and gives each listener the values of its keys", async () => {
  const both = client.chats.liveUnread(["lobby", "attic"]);
  const one = client.chats.liveUnread(["lobby"]);
  expect(both.get()).toMatchObject({ status: "loading", values: {} });
  both.subscribe(() => {});
  one.subscribe(() => {});
  await eventually(() =>
    expect(both.get()).toMatchObject({ status: "live", values: { lobby: 2, attic: 0 } }),
  );
  expect(one.get().values).toEqual({ lobby: 2 });
  expect(node.inputsOf("chat.unread")).toEqual([{ rooms: ["attic", "lobby"] }]);
});

it("splits keys into several calls if there are more keys than one call may have", async () => {
  const rooms = Array.from({ length: 150 }, (_, at) => `room-${at}`);
  const live = client.chats.liveUnread(rooms);
  live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  expect(node.inputsOf("chat.unread").map((input) => (input.rooms as string[]).length)).toEqual([100, 50]);
});

describe("unread numbers", () => {
  let offset: number;

  /** Serves the user's channel, in addition to the room that `ChatNode` serves. */
  function serveUser(): void {
    const server = new ChatNode(node);
    offset = 1;
    node.answer("channel.subscribe", ({ input, ack, socket }) => {
      if (input.channel === `chat:${server.room}`) {
        void socket.join("followers");
        const snapshot = { messages: server.messages, hasMore: false };
        ack({
          ok: true,
          data: { channel: input.channel, position: server.position, recovered: false, snapshot },
        });
      } else {
        const snapshot = { rooms: [], notices: [] };
        const position = { epoch: "e", offset };
        ack({ ok: true, data: { channel: input.channel, position, recovered: false, snapshot } });
      }
    });
    room = server;
  }
  let room: ChatNode;

  function publish(event: string, data: object): void {
    node.push({ channel: "user:ada", epoch: "e", publications: [{ offset, event, data }] });
  }

  it("CT10: change with publications of the user's channel, without a further read", async () => {
    serveUser();
    const live = client.chats.liveUnread(["lobby", "attic"]);
    live.subscribe(() => {});
    await eventually(() => expect(live.get().values).toEqual({ lobby: 2, attic: 0 }));
    await eventually(() =>
      expect(node.inputsOf("channel.subscribe")).toMatchObject([{ channel: "user:ada" }]),
    );
    publish("chat.unread", { room: "lobby", unread: 7, lastMessage: null });
    publish("chat.unread", { room: "elsewhere", unread: 9, lastMessage: null });
    await eventually(() => expect(live.get().values).toEqual({ lobby: 7, attic: 0 }));
    expect(node.inputsOf("chat.unread")).toHaveLength(1);
    // Values that changed while the connection was lost are read after the reconnect.
    unread.lobby = 8;
    node.breakConnections();
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", values: { lobby: 8 } }));
  });

  it("are read again when the user's channel is live after the server refused it", async () => {
    serveUser();
    const live = client.chats.liveUnread(["lobby"]);
    const user = client.user();
    user.subscribe(() => {});
    live.subscribe(() => {});
    await eventually(() => expect(user.get().status).toBe("live"));
    publish("chat.unread", { room: "lobby", unread: 7, lastMessage: null });
    await eventually(() => expect(live.get().values).toEqual({ lobby: 7 }));
    const ended = { code: "forbidden", message: "You may not follow this channel any more" };
    node.reply("channel.subscribe", () => {
      throw new GrandstandError("forbidden", ended.message);
    });
    publish("channel.ended", ended);
    await eventually(() => expect(user.get().status).toBe("failed"));
    unread.lobby = 8;
    serveUser();
    user.retry();
    await eventually(() => expect(live.get().values).toEqual({ lobby: 8 }));
  });

  it("are read after a message and after a read mark if the user's channel publishes nothing about the room", async () => {
    serveUser();
    const live = client.chats.liveUnread(["lobby"]);
    live.subscribe(() => {});
    await eventually(() => expect(live.get().values).toEqual({ lobby: 2 }));
    const lobby = client.chat("lobby").live();
    lobby.subscribe(() => {});
    await eventually(() => expect(lobby.get().status).toBe("live"));
    unread.lobby = 3;
    room.say("hello");
    await eventually(() => expect(live.get().values).toEqual({ lobby: 3 }), 2_000);
    unread.lobby = 0;
    node.reply("chat.read", ({ offset }) => ({ offset }));
    await lobby.markRead();
    await eventually(() => expect(live.get().values).toEqual({ lobby: 0 }), 2_000);
  });

  it("are read after a message if the user's channel published about the room only to former listeners", async () => {
    serveUser();
    const live = client.chats.liveUnread(["lobby"]);
    const lobby = client.chat("lobby").live();
    lobby.subscribe(() => {});
    const stop = live.subscribe(() => {});
    await eventually(() => expect([lobby.get().status, live.get().status]).toEqual(["live", "live"]));
    await eventually(() => {
      publish("chat.unread", { room: "lobby", unread: 7, lastMessage: null });
      expect(live.get().values).toEqual({ lobby: 7 });
    });
    stop();
    await eventually(() => expect(live.get().status).toBe("loading"));
    live.subscribe(() => {});
    await eventually(() => expect(live.get().values).toEqual({ lobby: 2 }));
    unread.lobby = 3;
    room.say("hello");
    await eventually(() => expect(live.get().values).toEqual({ lobby: 3 }), 2_000);
  });
});

it("shows which users are online, and keeps the same state object if a read changes nothing", async () => {
  const live = client.presences.live(["bo", "cy"]);
  live.subscribe(() => {});
  await eventually(() =>
    expect(live.get().values).toMatchObject({ bo: { online: true }, cy: { online: false } }),
  );
  const before = live.get();
  live.retry();
  await eventually(() => expect(node.inputsOf("presence.lookup")).toHaveLength(2));
  await vi.waitFor(() => expect(live.get().status).toBe("live"));
  expect(live.get()).toBe(before);
});

it("reads again which users are online when a presence channel publishes that one of them joined or left", async () => {
  const online = new Set<string>();
  node.reply("presence.lookup", ({ users }) => ({
    users: (users as string[]).map((user) => ({
      user,
      online: online.has(user),
      rooms: [],
      lastSeenAt: null,
    })),
  }));
  const live = client.presences.live(["bo", "cy"]);
  live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  const publish = (event: string, data: unknown) =>
    node.push({ channel: "presence:lobby", epoch: "e1", publications: [{ offset: 1, event, data }] });
  const member = (user: string) => ({ user, state: null, since: "2025-01-01T00:00:00.000Z", profile: null });

  online.add("bo");
  publish("presence.joined", member("bo"));
  await eventually(() => expect(live.get().values).toMatchObject({ bo: { online: true } }), 5_000);
  online.add("cy");
  publish("presence.digest", { count: 2, joined: [member("cy")], left: [], updated: [] });
  await eventually(() => expect(live.get().values).toMatchObject({ cy: { online: true } }), 5_000);
  online.delete("bo");
  publish("presence.left", { user: "bo" });
  await eventually(() => expect(live.get().values).toMatchObject({ bo: { online: false } }), 5_000);
});

it("live values are stale without a connection, fail if a read is refused, and are live again after an allowed read", async () => {
  const live = client.presences.live(["bo"]);
  live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  node.reply("presence.lookup", () => {
    throw new GrandstandError("forbidden", "Not for you");
  });
  node.breakConnections();
  await eventually(() => expect(live.get().status).toBe("stale"));
  await eventually(() =>
    expect(live.get()).toMatchObject({ status: "failed", error: { code: "forbidden" } }),
  );
  node.reply("presence.lookup", () => ({
    users: [{ user: "bo", online: false, rooms: [], lastSeenAt: null }],
  }));
  await eventually(() =>
    expect(live.get()).toMatchObject({ status: "live", values: { bo: { online: false } } }),
  );
});

it("live values are loading again after their last listener was removed, and fail when the client is closed", async () => {
  const live = client.chats.liveUnread(["lobby"]);
  const stop = live.subscribe(() => {});
  await eventually(() => expect(live.get().status).toBe("live"));
  stop();
  await eventually(() => expect(live.get().status).toBe("loading"));
  live.subscribe(() => {});
  client.close();
  expect(live.get()).toMatchObject({ status: "failed", error: { code: "unavailable" } });
});

it("live values of no keys are live at once, without a call", async () => {
  const live = client.chats.liveUnread([]);
  live.subscribe(() => {});
  expect(live.get()).toMatchObject({ status: "live", values: {} });
  expect(node.inputsOf("chat.unread")).toEqual([]);
});
