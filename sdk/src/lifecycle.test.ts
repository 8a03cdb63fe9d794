import type { User } from "@grandstand/shared/user";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GrandstandError } from "./client.js";
import { ChatNode } from "./testing/chat-node.js";
import { PresenceNode } from "./testing/presence-node.js";
import { statusesOf, untilStatus } from "./testing/statuses.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

const userOf = (id: string): User => ({ id, name: id, avatar: null, isGuest: false });

function serveCounters(): void {
  node.reply("channel.subscribe", ({ channel }) => ({
    channel,
    position: { epoch: "e", offset: 0 },
    recovered: false,
    snapshot: { value: 7, crossed: [] },
  }));
  node.reply("counter.get", () => ({ value: 7 }));
}

describe("SD2 a client", () => {
  it("opens no connection until a live view has a listener", async () => {
    serveCounters();
    const client = node.connect();
    const live = client.counter("likes").live();
    live.get();
    client.connection.subscribe(() => {});
    expect(client.connection.get().status).toBe("offline");
    await new Promise((resolve) => setImmediate(resolve));
    expect(node.upgrades).toBe(0);
    live.subscribe(() => {});
    await untilStatus(client, "live");
    expect(node.upgrades).toBe(1);
  });

  it("connects even if callbacks and listeners of the app throw, and reports their errors", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const fail = (name: string) => () => {
      throw new Error(name);
    };
    const client = node.connect({ onStatus: fail("onStatus"), debug: fail("debug") });
    try {
      client.connection.subscribe(fail("listener"));
      client.connect();
      await untilStatus(client, "live");
      const names = reported.mock.calls.map(([error]) => error.message);
      expect(new Set(names)).toEqual(new Set(["onStatus", "debug", "listener"]));
    } finally {
      client.close();
      vi.unstubAllGlobals();
    }
  });

  it("opens its connection with its first call", async () => {
    serveCounters();
    const client = node.connect();
    expect(await client.counter("likes").get()).toEqual({ value: 7 });
    expect(client.connection.get().status).toBe("live");
  });

  it("stays offline from disconnect() to connect(), while calls wait and live views keep their content", async () => {
    serveCounters();
    const client = node.connect();
    const live = client.counter("likes").live();
    live.subscribe(() => {});
    await vi.waitFor(() => expect(live.get()).toMatchObject({ status: "live", value: 7 }));
    client.disconnect();
    const statuses = statusesOf(client);
    const call = client.counter("likes").get();
    await vi.waitFor(() => expect(node.sockets).toHaveLength(0));
    expect(statuses).toEqual(["offline"]);
    expect(live.get()).toMatchObject({ value: 7 });
    expect(live.get().status).not.toBe("live");
    client.connect();
    expect(await call).toEqual({ value: 7 });
    await vi.waitFor(() => expect(live.get().status).toBe("live"));
  });

  it("opens again with connect() after close(), together with the live views that have listeners", async () => {
    serveCounters();
    const client = node.connect();
    const before = client.counter("likes").live();
    before.subscribe(() => {});
    await vi.waitFor(() => expect(before.get().status).toBe("live"));
    client.close();
    expect(before.get().status).toBe("failed");
    await expect(client.counter("likes").get()).rejects.toMatchObject({ code: "unavailable" });
    // React's StrictMode subscribes before the provider opens its client again.
    const after = client.counter("shares").live();
    after.subscribe(() => {});
    client.connect();
    await vi.waitFor(() => expect(before.get()).toMatchObject({ status: "live", value: 7 }));
    await vi.waitFor(() => expect(after.get()).toMatchObject({ status: "live", value: 7 }));
    expect(await client.counter("likes").get()).toEqual({ value: 7 });
  });

  it("opens again with reconnect() and with setToken() after a server has closed it for good", async () => {
    serveCounters();
    const client = node.open();
    for (const reopen of [() => client.reconnect(), () => client.setToken("another")]) {
      await untilStatus(client, "live");
      for (const socket of node.sockets) socket.emit("closing", { code: 4501, reason: "revoked" });
      await untilStatus(client, "closed");
      reopen();
    }
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["secret", "secret", "another"]);
  });

  it("stays closed after close() even if setToken() gives it another token", async () => {
    const client = node.open();
    await untilStatus(client, "live");
    client.close();
    client.setToken("another");
    expect(client.connection.get().status).toBe("closed");
    client.connect();
    await untilStatus(client, "live");
    expect(node.tokens).toEqual(["secret", "another"]);
  });
});

describe("SD4 another user's token", () => {
  it("fails the pending calls at a reconnect, and does not send them as the other user", async () => {
    node.user = userOf("ann");
    const errors: GrandstandError[] = [];
    let token = "ann";
    const client = node.open({ token: () => token, onError: (error) => errors.push(error) });
    await untilStatus(client, "live");
    client.disconnect();
    const call = client.chat("lobby").send("by Ann");
    node.user = userOf("bo");
    token = "bo";
    client.reconnect();
    await expect(call).rejects.toMatchObject({ code: "conflict", mayHaveTakenEffect: false });
    await untilStatus(client, "live");
    expect(node.requests).toEqual([]);
    expect(errors.map(({ code }) => code)).toContain("conflict");
  });

  it("fails the calls made before setToken(), but not the calls made after setToken()", async () => {
    node.user = userOf("ann");
    node.reply("session.list", () => ({ sessions: [] }));
    const client = node.open({ token: "ann" });
    await untilStatus(client, "live");
    node.answer("chat.send", () => {});
    const unanswered = client.chat("lobby").send("by Ann");
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.user = userOf("bo");
    client.setToken("bo");
    const after = client.sessions.list();
    await expect(unanswered).rejects.toMatchObject({ code: "conflict", mayHaveTakenEffect: true });
    expect(await after).toEqual([]);
    expect(node.requests.map(({ operation }) => operation)).toEqual(["chat.send", "session.list"]);
  });

  it("resets live chat rooms: no unsent message of the former user is shown or sent", async () => {
    const chat = new ChatNode(node);
    node.user = userOf("ann");
    const client = node.open({ token: "ann" });
    const room = client.chat(chat.room).live();
    room.subscribe(() => {});
    chat.say("hello");
    await vi.waitFor(() => expect(room.get().messages).toHaveLength(1));
    client.disconnect();
    room.send("by Ann");
    expect(room.get().messages).toHaveLength(2);
    node.user = userOf("bo");
    client.setToken("bo");
    client.connect();
    await vi.waitFor(() => expect(room.get()).toMatchObject({ status: "live" }));
    expect(room.get().messages.map(({ text }) => text)).toEqual(["hello"]);
    expect(node.inputsOf("chat.send")).toEqual([]);
    expect(node.inputsOf("channel.subscribe").at(-1)).not.toHaveProperty("since");
  });

  it("makes the client enter rooms again, without the presence state of the former user", async () => {
    const presence = new PresenceNode(node, "me");
    const client = node.open({ token: "ann" });
    client.presence(presence.room).enter({ doing: "ann's secret" });
    await vi.waitFor(() => expect(node.inputsOf("presence.enter")).toHaveLength(1));
    node.user = userOf("bo");
    client.setToken("bo");
    await vi.waitFor(() => expect(node.inputsOf("presence.enter")).toHaveLength(2));
    expect(node.inputsOf("presence.enter")[1]).toEqual({ room: presence.room });
  });
});

it("SD4 another token of the same user keeps the pending calls", async () => {
  node.user = userOf("ann");
  const client = node.open({ token: "first" });
  await untilStatus(client, "live");
  client.disconnect();
  const call = client.sessions.list();
  node.reply("session.list", () => ({ sessions: [] }));
  client.setToken("second");
  client.connect();
  expect(await call).toEqual([]);
  expect(node.tokens).toEqual(["first", "second"]);
});

describe("SD2: the idle timeout", () => {
  it("closes a connection that nothing uses; the next call opens it again", async () => {
    node.reply("session.list", () => ({ sessions: [] }));
    const client = node.open({ idleMs: 300 });
    await client.sessions.list();
    await untilStatus(client, "offline");
    await vi.waitFor(() => expect(node.sockets).toHaveLength(0));
    expect(client.connection.get()).toMatchObject({ error: null, reason: null });
    expect(await client.sessions.list()).toEqual([]);
    expect(client.connection.get().status).toBe("live");
  });

  it("closes no connection while a call waits, a live view has a listener or a room is entered", async () => {
    new ChatNode(node);
    const presence = new PresenceNode(node, "me");
    const client = node.open({ idleMs: 100 });
    const statuses = statusesOf(client);
    node.answer("session.list", ({ ack }) => {
      setTimeout(() => ack({ ok: true, data: { sessions: [] } }), 400);
    });
    await client.sessions.list();
    const room = client.chat("lobby").live();
    const stop = room.subscribe(() => {});
    await vi.waitFor(() => expect(room.get().status).toBe("live"));
    const stay = client.presence(presence.room).enter();
    stop();
    await vi.waitFor(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1), 3_000);
    expect(statuses.at(-1)).toBe("live");
    expect(statuses).not.toContain("offline");
    stay.leave();
    await untilStatus(client, "offline");
  });

  it("closes no connection if the app sets `idleMs` to 0", async () => {
    node.reply("session.list", () => ({ sessions: [] }));
    const client = node.open({ idleMs: 0 });
    await client.sessions.list();
    const other = node.open({ idleMs: 100 });
    await other.sessions.list();
    await untilStatus(other, "offline");
    expect(client.connection.get().status).toBe("live");
  });
});
