import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, LivePresence, LivePresenceState, Presence } from "../../client.js";
import { PresenceNode } from "../../testing/presence-node.js";
import { TestNode } from "../../testing/test-node.js";

let node: TestNode;
let server: PresenceNode;
let client: Client;
let room: Presence;

beforeEach(async () => {
  node = await TestNode.start();
  server = new PresenceNode(node);
  client = node.connect();
  room = client.presence(server.room);
});
afterEach(() => node.stop());

function eventually<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}

/** Listens to a live presence, and records each state. */
async function follow(live: LivePresence) {
  const states: LivePresenceState[] = [];
  const stop = live.subscribe(() => states.push(live.get()));
  await eventually(() => expect(live.get().status).toBe("live"));
  return { states, stop };
}

function usersIn(live: LivePresence): string[] {
  return live.get().members.map(({ user }) => user);
}

/**
 * Makes the test server read each page when the client requests it, and hold the page back.
 * @returns for each page, a function that sends it
 */
function holdPages(): (() => void)[] {
  const pages: (() => void)[] = [];
  node.answer("presence.get", ({ input, ack }) => {
    const page = server.page(input.cursor as string, input.limit as number);
    pages.push(() => ack({ ok: true, data: page }));
  });
  return pages;
}

const asked = (operation: string) => node.inputsOf(`presence.${operation}`);

describe("a live presence", () => {
  it("PR4 shows and follows the members once it has a listener, and keeps unchanged members the same objects", async () => {
    server.join("ann");
    const live = room.live();
    const loading = live.get();
    expect(loading).toMatchObject({ status: "loading", mode: null, count: 0, members: [], isIn: false });
    const { states } = await follow(live);
    expect(states.map(({ status }) => status)).toEqual(["live"]);
    expect(live.get()).toMatchObject({ mode: "each", count: 1, isComplete: true });
    server.join("bo");
    await eventually(() => expect(usersIn(live)).toEqual(["ann", "bo"]));
    const [ann] = live.get().members;
    server.update("bo", { doing: "singing" });
    await eventually(() => expect(live.get().members[1]?.state).toEqual({ doing: "singing" }));
    expect(live.get().members[0]).toBe(ann);
    server.leave("ann");
    await eventually(() => expect(usersIn(live)).toEqual(["bo"]));
    expect(live.get().count).toBe(1);
    expect(node.inputsOf("channel.subscribe")).toEqual([
      { channel: "presence:lobby", view: { members: true } },
    ]);
  });

  it("with `members: false` follows only the count, reads no page, and does not notify of an equal count", async () => {
    server.join("ann");
    const live = room.live({ members: false });
    const { states } = await follow(live);
    expect(live.get()).toMatchObject({ mode: "count", count: 1, members: [], isComplete: false });
    server.publish("presence.count", { count: 12 }, "counters");
    await eventually(() => expect(live.get().count).toBe(12));
    server.publish("presence.count", { count: 12 }, "counters");
    server.publish("presence.count", { count: 13 }, "counters");
    await eventually(() => expect(live.get().count).toBe(13));
    expect(states.map(({ count }) => count)).toEqual([1, 12, 13]);
    expect(node.inputsOf("channel.subscribe")).toMatchObject([{ view: { members: false } }]);
    expect(asked("get")).toEqual([]);
  });

  it("shares one subscription with other views of the room; it includes members while any view shows members", async () => {
    server.join("ann");
    server.join("bo");
    const count = await follow(room.live({ members: false }));
    const first = room.live({ limit: 1 });
    const { stop } = await follow(first);
    await eventually(() => expect(usersIn(first)).toEqual(["ann"]));
    expect(first.get().isComplete).toBe(false);
    expect(count.states.at(-1)).toMatchObject({ count: 2, members: [] });
    stop();
    await eventually(() =>
      expect(node.inputsOf("channel.subscribe").map(({ view }) => view)).toEqual([
        { members: false },
        { members: true },
        { members: false },
      ]),
    );
    count.stop();
    await eventually(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1));
    await eventually(() => expect(room.live().get().status).toBe("loading"));
  });

  it("PR7 reads pages up to the limit, applies digests, and reads on when fewer than half of the limit are left", async () => {
    for (let user = 0; user < 30; user += 1) server.join(`user ${user}`);
    server.digestAbove = 5;
    server.firstMembers = 4;
    const live = room.live({ limit: 10 });
    await follow(live);
    await eventually(() => expect(live.get().members).toEqual(server.list.slice(0, 10)));
    expect(live.get()).toMatchObject({ mode: "digest", count: 30, isComplete: false });
    expect(asked("get")).toEqual([{ room: "lobby", cursor: "4", limit: 6 }]);
    for (const user of [0, 1, 2, 3]) server.leave(`user ${user}`);
    server.sendDigest();
    await eventually(() => expect(live.get()).toMatchObject({ count: 26 }));
    expect(live.get().members).toEqual(server.list.slice(0, 6));
    expect(asked("get")).toHaveLength(1);
    server.leave("user 4");
    server.leave("user 5");
    server.sendDigest();
    await eventually(() => expect(live.get().members).toEqual(server.list.slice(0, 10)));
    expect(asked("get")).toHaveLength(2);
  });

  it("PR7 shows the right members if a digest arrives before a page that the server read earlier", async () => {
    for (let user = 0; user < 8; user += 1) server.join(`user ${user}`);
    server.digestAbove = 2;
    server.firstMembers = 2;
    const pages = holdPages();
    const live = room.live();
    await follow(live);
    await eventually(() => expect(pages).toHaveLength(1));
    server.leave("user 5");
    server.update("user 6", { doing: "singing" });
    server.join("late");
    server.sendDigest();
    await eventually(() => expect(live.get().count).toBe(8));
    pages[0]!();
    await eventually(() => expect(live.get().isComplete).toBe(true));
    expect(live.get().members).toEqual(server.list);
  });

  it("PR7 lists all members once the room has shrunk to the limit, and has the mode `each` at 180 members", async () => {
    for (let user = 0; user < 230; user += 1) server.join(`user ${user}`);
    server.digestAbove = 100;
    const live = room.live();
    await follow(live);
    expect(live.get()).toMatchObject({ mode: "digest", count: 230, isComplete: false });
    for (let user = 0; user < 40; user += 1) server.leave(`user ${user}`);
    server.sendDigest();
    await eventually(() =>
      expect(live.get()).toMatchObject({ count: 190, isComplete: true, mode: "digest" }),
    );
    for (let user = 40; user < 50; user += 1) server.leave(`user ${user}`);
    server.sendDigest();
    await eventually(() => expect(live.get()).toMatchObject({ count: 180, isComplete: true, mode: "each" }));
    expect(live.get().members).toEqual(server.list);
  });

  it("becomes stale without a connection, and reads the members again on the next connection", async () => {
    server.join("ann");
    const live = room.live();
    const { states } = await follow(live);
    server.epoch = "two";
    server.members.clear();
    server.join("cy");
    node.breakConnections();
    await eventually(() => expect(usersIn(live)).toEqual(["cy"]));
    expect(states.map(({ status }) => status)).toContain("stale");
    expect(live.get().status).toBe("live");
  });

  it("reads the members again when the server reports that it skipped changes", async () => {
    server.join("ann");
    const live = room.live();
    await follow(live);
    server.members.clear();
    server.join("bo");
    server.publish("channel.resync", { reason: "skipped" });
    await eventually(() => expect(usersIn(live)).toEqual(["bo"]));
    await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(2));
  });

  it("PR7 reads the members again if they contradict the count, such as after a page with a member that soon left", {
    timeout: 20_000,
  }, async () => {
    for (let user = 0; user < 6; user += 1) server.join(`user ${user}`);
    server.digestAbove = server.firstMembers = 2;
    node.reply("presence.get", ({ cursor, limit }) => {
      server.join("ghost");
      const page = server.page(cursor as string, limit as number);
      server.leave("ghost");
      node.reply("presence.get", (next) => server.page(next.cursor as string, next.limit as number));
      return page;
    });
    const live = room.live();
    await follow(live);
    await eventually(() => expect(usersIn(live)).toContain("ghost"));
    expect(live.get()).toMatchObject({ count: 6, isComplete: false });
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", isComplete: true }));
    expect(live.get().members).toEqual(server.list);
  });

  it("ignores a page that was requested before the room was read again", async () => {
    for (let user = 0; user < 4; user += 1) server.join(`user ${user}`);
    server.digestAbove = server.firstMembers = 2;
    const pages = holdPages();
    const live = room.live();
    await follow(live);
    await eventually(() => expect(pages).toHaveLength(1));
    server.epoch = "two";
    server.leave("user 3");
    server.publish("channel.resync", { reason: "epoch" });
    await eventually(() => expect(pages).toHaveLength(2));
    pages[0]!();
    pages[1]!();
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", isComplete: true }));
    expect(live.get().members).toEqual(server.list);
    expect(node.inputsOf("channel.subscribe")).toHaveLength(2);
  });

  it("fails with the server's error when the room is refused, and with `unavailable` on a closed client", async () => {
    node.reply("channel.subscribe", () => {
      throw new GrandstandError("forbidden", "not for you");
    });
    const live = room.live();
    live.subscribe(() => {});
    await eventually(() =>
      expect(live.get()).toMatchObject({ status: "failed", error: { code: "forbidden" } }),
    );
    const other = client.presence("yard").live();
    client.close();
    other.subscribe(() => {});
    expect(other.get()).toMatchObject({ status: "failed", error: { code: "unavailable" } });
  });
});

describe("the own presence", () => {
  const me = () => server.members.get("me")?.member;

  it("PR1 stays one member for all parts of an app that enter, until shortly after the last part has left", async () => {
    const one = room.enter({ doing: "watching" });
    const other = room.enter();
    await eventually(() => expect(me()?.state).toEqual({ doing: "watching" }));
    one.leave();
    one.leave();
    await expect(one.update({ doing: "singing" })).rejects.toMatchObject({ code: "conflict" });
    await other.update({ doing: "singing" });
    other.leave();
    const back = room.enter();
    await back.update({ doing: "waving" });
    expect(asked("enter")).toEqual([{ room: "lobby", state: { doing: "watching" } }]);
    expect(asked("leave")).toEqual([]);
    back.leave();
    await eventually(() => expect(me()).toBeUndefined());
    expect(asked("leave")).toEqual([{ room: "lobby" }]);
  });

  it("appears in the state of the live presence as `isIn` and `state`", async () => {
    const live = room.live();
    await follow(live);
    const stay = room.enter({ doing: "watching" });
    expect(live.get()).toMatchObject({ isIn: false, state: { doing: "watching" } });
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, count: 1 }));
    const shown = await stay.update(null);
    expect(shown).toMatchObject({ user: "me", state: null });
    expect(live.get().state).toBeNull();
    await room.leave();
    expect(live.get()).toMatchObject({ isIn: false, state: null });
    await expect(room.update({})).rejects.toMatchObject({ code: "conflict" });
  });

  it("PR4 sends one change at a time; the latest waiting change is next, and its reply settles all waiting changes", async () => {
    const stay = room.enter();
    await eventually(() => expect(server.connections.size).toBe(1));
    const changes = [1, 2, 3, 4].map((step) => stay.update({ step }));
    expect((await Promise.all(changes)).map(({ state }) => state)).toEqual(
      [1, 4, 4, 4].map((step) => ({ step })),
    );
    expect(asked("update").map(({ state }) => state)).toEqual([{ step: 1 }, { step: 4 }]);
  });

  it("does not send a state that is being sent already, but sends a state again that was accepted before", async () => {
    const stay = room.enter();
    await eventually(() => expect(server.connections.size).toBe(1));
    await Promise.all([stay.update({ step: 1 }), stay.update({ step: 1 })]);
    expect(asked("update")).toHaveLength(1);
    server.update("me", { step: 7 });
    await stay.update({ step: 1 });
    expect(me()?.state).toEqual({ step: 1 });
    expect(asked("update")).toHaveLength(2);
  });

  it("PR2 enters again on each new connection, and sends an unconfirmed state in the same call", async () => {
    const stay = room.enter({ step: 1 });
    await eventually(() => expect(server.connections.size).toBe(1));
    await stay.update({ step: 2 });
    node.answer("presence.update", () => {});
    const last = stay.update({ step: 3 });
    node.breakConnections();
    expect(await last).toMatchObject({ state: { step: 3 } });
    expect(asked("enter").map(({ state }) => state)).toEqual([{ step: 1 }, { step: 3 }]);
    expect(server.connections.size).toBe(1);
  });

  /** Breaks the connection, calls `happen`, and waits until the client has entered again. */
  async function away(happen: () => void): Promise<void> {
    const before = asked("enter").length;
    node.breakConnections();
    await eventually(() => expect(room.live().get().isIn).toBe(false));
    happen();
    await eventually(() => expect(asked("enter").length).toBeGreaterThan(before));
    await eventually(() => expect(room.live().get().isIn).toBe(true));
  }

  it("PR4 adopts the state that another device set while this client was away", async () => {
    const live = room.live();
    await follow(live);
    const stay = room.enter({ on: "laptop" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    await away(() => server.update("me", { on: "phone" }));
    expect(asked("enter")).toEqual([{ room: "lobby", state: { on: "laptop" } }, { room: "lobby" }]);
    expect(me()?.state).toEqual({ on: "phone" });
    expect(live.get().state).toEqual({ on: "phone" });
    // `update` is called without a connection. The next enter sends the state, although the server already has this state.
    await away(() => void stay.update({ on: "phone" }));
    expect(asked("enter").at(-1)).toEqual({ room: "lobby", state: { on: "phone" } });
    expect(asked("update")).toEqual([]);
  });

  it("PR4 adopts the state of another device in a presence session that began while this client was away", async () => {
    const live = room.live();
    await follow(live);
    room.enter({ on: "laptop" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    await away(() => {
      server.leave("me");
      server.join("me", { on: "tablet" });
    });
    expect(live.get()).toMatchObject({ state: { on: "tablet" }, error: null });
    expect(me()?.state).toEqual({ on: "tablet" });
    expect(asked("update")).toEqual([]);
  });

  it("PR2 sends its state again if its session ended while this client was away, but not if the state was cleared", async () => {
    const live = room.live();
    await follow(live);
    room.enter({ doing: "watching" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    await away(() => server.leave("me"));
    await eventually(() => expect(me()?.state).toEqual({ doing: "watching" }));
    expect(live.get().state).toEqual({ doing: "watching" });
    expect(asked("update")).toEqual([{ room: "lobby", state: { doing: "watching" } }]);
    await away(() => server.update("me", null));
    expect(live.get().state).toBeNull();
    expect(asked("update")).toHaveLength(1);
  });

  it("keeps the state on the server when it enters without a state", async () => {
    server.join("me", { doing: "singing" });
    const live = room.live();
    await follow(live);
    room.enter();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, state: { doing: "singing" } }));
    expect(asked("enter")).toEqual([{ room: "lobby" }]);
    expect(me()?.state).toEqual({ doing: "singing" });
  });

  it("reports an outage as its error, and retries until the outage has ended", async () => {
    server.failures = 2;
    const live = room.live();
    const { states } = await follow(live);
    room.enter({ doing: "watching" });
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, error: null }));
    expect(states.map(({ error }) => error?.code)).toContain("unavailable");
    expect(asked("enter")).toHaveLength(3);
  });

  it("leaves after an enter with unknown outcome, and leaves again after a leave with unknown outcome", async () => {
    node.answer("presence.enter", ({ ack }) => {
      ack({ ok: false, error: { code: "unavailable", message: "not known" } });
    });
    const first = room.enter();
    await eventually(() => expect(asked("enter")).toHaveLength(1));
    server.failures = 1;
    await room.leave();
    first.leave();
    expect(asked("leave")).toHaveLength(2);
  });

  it("reports a refused state as its error, and returns to the last accepted state", async () => {
    const live = room.live();
    await follow(live);
    const stay = room.enter({ doing: "watching" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    node.reply("presence.update", () => {
      throw new GrandstandError("bad_request", "state must be at most 2048 bytes of JSON");
    });
    await expect(stay.update({ text: "long" })).rejects.toMatchObject({ code: "bad_request" });
    expect(live.get()).toMatchObject({
      isIn: true,
      state: { doing: "watching" },
      error: { code: "bad_request" },
    });
    expect(asked("update")).toHaveLength(1);
  });

  it("enters again after a refusal when its state changes and on a new connection", async () => {
    node.reply("presence.enter", () => {
      throw new GrandstandError("forbidden", "You are banned");
    });
    const live = room.live();
    await follow(live);
    const stay = room.enter({ step: 1 });
    await eventually(() => expect(live.get()).toMatchObject({ isIn: false, error: { code: "forbidden" } }));
    await expect(stay.update({ step: 2 })).rejects.toMatchObject({ code: "forbidden" });
    expect(asked("enter")).toHaveLength(2);
    // The handlers of a new `PresenceNode` let the client in.
    new PresenceNode(node);
    node.breakConnections();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, state: { step: 2 }, error: null }));
  });

  it("enters again when an update shows that the server removed the connection from the room", async () => {
    const stay = room.enter({ step: 1 });
    await eventually(() => expect(server.connections.size).toBe(1));
    server.connections.clear();
    server.leave("me");
    await stay.update({ step: 2 });
    expect(me()?.state).toEqual({ step: 2 });
    expect(asked("enter").map(({ state }) => state)).toEqual([{ step: 1 }, { step: 2 }]);
  });

  it("counts as out after a ban, tries to enter by itself, and is in again after the ban", async () => {
    const live = room.live();
    await follow(live);
    room.enter({ doing: "watching" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    server.ban();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: false, error: { code: "forbidden" } }));
    expect(asked("enter")).toHaveLength(1);
    await eventually(() => expect(asked("enter")).toHaveLength(2));
    expect(live.get()).toMatchObject({ isIn: false, status: "failed" });
    server.isBanned = false;
    room.enter();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, status: "live", error: null }));
    await eventually(() => expect(me()?.state).toEqual({ doing: "watching" }));
  });

  it("enters again once after the server ended the channel, and stays in although the channel is refused", async () => {
    const live = room.live();
    await follow(live);
    room.enter({ doing: "watching" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    const subscribed = vi.fn(() => {
      throw new GrandstandError("forbidden", "not for you");
    });
    node.reply("channel.subscribe", subscribed);
    server.publish("channel.ended", { code: "forbidden", message: "not for you" });
    await eventually(() => expect(live.get()).toMatchObject({ isIn: false, status: "failed" }));
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, error: { code: "forbidden" } }));
    await eventually(() => expect(subscribed).toHaveBeenCalledTimes(1));
    await room.update({ doing: "lurking" });
    expect(live.get()).toMatchObject({ isIn: true, status: "failed" });
    expect(asked("enter")).toEqual([{ room: "lobby", state: { doing: "watching" } }, { room: "lobby" }]);
  });

  it("AU3 enters again after each token refresh, because the new token may not allow the room", async () => {
    const refreshed = vi.fn(() => ({ user: null, expiresAt: null }));
    node.reply("auth.refresh", refreshed);
    const one = node.connect({ token: async () => "token" }).presence(server.room);
    const live = one.live();
    await follow(live);
    one.enter({ doing: "watching" });
    await eventually(() => expect(live.get().isIn).toBe(true));
    const refresh = () => node.io.emit("expiring", { expiresAt: new Date().toISOString() });
    server.failures = 1;
    refresh();
    await eventually(() => expect(asked("enter")).toHaveLength(3));
    expect(live.get()).toMatchObject({ isIn: true, state: { doing: "watching" } });
    server.isBanned = true;
    refresh();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: false, error: { code: "forbidden" } }));
    expect(live.get().status).toBe("live");
    server.isBanned = false;
    refresh();
    await eventually(() => expect(live.get()).toMatchObject({ isIn: true, error: null }));
    expect(asked("enter").map(({ state }) => state)).toEqual([
      { doing: "watching" },
      ...Array(4).fill(undefined),
    ]);
    expect(asked("update")).toEqual([]);
  });

  it("sends a leave even if the server has ended the channel, so that the user is no longer a member", async () => {
    const live = room.live();
    await follow(live);
    const stay = room.enter();
    await eventually(() => expect(live.get().isIn).toBe(true));
    server.publish("channel.ended", { code: "forbidden", message: "not for you" });
    await eventually(() => expect(live.get().isIn).toBe(false));
    stay.leave();
    await room.leave();
    expect(me()).toBeUndefined();
    expect(asked("leave")).toHaveLength(1);
  });

  it("ends when the client is closed, and rejects waiting and later changes", async () => {
    const stay = room.enter();
    await eventually(() => expect(server.connections.size).toBe(1));
    node.answer("presence.update", () => {});
    const change = stay.update({ step: 1 });
    client.close();
    await expect(change).rejects.toMatchObject({ code: "unavailable" });
    await expect(stay.update({ step: 2 })).rejects.toMatchObject({ code: "unavailable" });
    stay.leave();
    await room.leave();
  });
});

it("get, count, keep, drop and lookup call the operations of their names", async () => {
  const keep = vi.fn(({ user, state }) => ({
    member: { user, state, since: "2025-01-01T00:00:00.000Z", profile: null },
  }));
  node.reply("presence.keep", keep);
  node.reply("presence.drop", () => ({ dropped: true }));
  node.reply("presence.count", () => ({ count: 3 }));
  node.reply("presence.lookup", ({ users }) => ({
    users: (users as string[]).map((user) => ({ user, online: false, rooms: [], lastSeenAt: null })),
  }));
  server.join("ann");
  expect(await room.get({ limit: 5 })).toMatchObject({
    count: 1,
    members: [{ user: "ann" }],
    nextCursor: null,
  });
  expect(await room.count()).toBe(3);
  expect(await room.keep("bo", { ttlMs: 5_000, state: { map: "dust" } })).toMatchObject({ user: "bo" });
  await room.drop("bo");
  expect(await client.presences.lookup(["ann", "bo"])).toMatchObject([{ user: "ann" }, { user: "bo" }]);
  expect(asked("keep")).toMatchObject([
    { room: "lobby", user: "bo", ttlMs: 5_000, idempotencyKey: expect.any(String) },
  ]);
  expect(asked("drop")).toMatchObject([{ room: "lobby", user: "bo", idempotencyKey: expect.any(String) }]);
});
