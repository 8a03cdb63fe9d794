import { GrandstandError } from "@grandstand/shared/errors";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, LiveLeaderboard, LiveLeaderboardState } from "../../client.js";
import { closingOf, difference, entryOf, topOf } from "../../testing/entries.js";
import { TestNode } from "../../testing/test-node.js";
import { loadingState } from "./leaderboard-state.js";

const channel = "leaderboard:arcade";

let node: TestNode;
let client: Client;
/** The entries of the board on the server. The snapshot of every new subscription shows them. */
let board: Entry[];
let own: Entry | null;
let offset: number;

beforeEach(async () => {
  node = await TestNode.start();
  client = node.connect();
  board = topOf(60);
  own = entryOf("me", 77);
  offset = 10;
  node.reply("channel.subscribe", ({ view }) => snapshotOf(view as { top: number; me: boolean }));
  node.reply("channel.unsubscribe", () => ({ channel }));
});
afterEach(() => node.stop());

function snapshotOf(view: { top: number; me: boolean }) {
  const snapshot = {
    entries: board.slice(0, view.top),
    total: board.length,
    season: "all",
    seasonEndsAt: null,
    ...(view.me && { me: own }),
  };
  return { channel, position: { epoch: "e1", offset }, recovered: false, snapshot };
}

/** Changes the server's board, and publishes the change of its first `top` entries. */
function move(after: Entry[], top = 10, epoch = "e1"): void {
  offset += 1;
  const data = difference(board.slice(0, top), after.slice(0, top), after.length);
  board = after;
  node.push({ channel, epoch, publications: [{ offset, event: "leaderboard.updated", data }] });
}

function withLeader(member: string, score: number): Entry[] {
  return board.with(0, entryOf(member, 1, score));
}

function viewsSent(): unknown[] {
  return node.inputsOf("channel.subscribe").map(({ view }) => view);
}

/** Listens to a live board, and records each state. */
function listen(live: LiveLeaderboard) {
  const states: LiveLeaderboardState[] = [];
  const stop = live.subscribe(() => states.push(live.get()));
  return { states, stop };
}

function until(live: LiveLeaderboard, status: LiveLeaderboardState["status"]): Promise<void> {
  return vi.waitFor(() => expect(live.get().status).toBe(status), { timeout: 20_000 });
}

describe("a live view", () => {
  it("sends nothing before its first listener, and subscribes once for all listeners", async () => {
    const live = client.leaderboard("arcade").live();
    expect(live.get()).toEqual(loadingState);
    node.reply("leaderboard.get", () => ({}));
    await client.leaderboard("arcade").get();
    expect(node.requests).toHaveLength(1);
    listen(live);
    listen(live);
    await until(live, "live");
    expect(live.get()).toMatchObject({ total: 60, me: null, error: null });
    expect(live.get().entries).toEqual(topOf(10));
    expect(node.inputsOf("channel.subscribe")).toEqual([{ channel, view: { top: 10, me: false } }]);
  });

  it("LB9 applies publications, and keeps the rows that did not change", async () => {
    const live = client.leaderboard("arcade").live();
    const { states } = listen(live);
    await until(live, "live");
    const before = live.get();
    move(withLeader("ada", 5000));
    await vi.waitFor(() => expect(live.get().entries[0]?.member).toBe("ada"));
    expect(
      live
        .get()
        .entries.slice(1)
        .every((entry, at) => entry === before.entries[at + 1]),
    ).toBe(true);
    expect(live.get()).toBe(live.get());
    expect(states).toHaveLength(2);
  });

  it("CH2 applies a push that arrives directly after the subscription's reply", async () => {
    node.answer("channel.subscribe", ({ input, ack, socket }) => {
      ack({ ok: true, data: snapshotOf(input.view as { top: number; me: boolean }) });
      const data = { total: 61, length: 10, rows: [entryOf("ada", 1, 5000)] };
      socket.emit("push", {
        channel,
        epoch: "e1",
        publications: [{ offset: 11, event: "leaderboard.updated", data }],
      });
    });
    const live = client.leaderboard("arcade").live();
    listen(live);
    await vi.waitFor(() => expect(live.get()).toMatchObject({ status: "live", total: 61 }));
    expect(live.get().entries[0]?.member).toBe("ada");
  });

  it("ignores an update that the snapshot contains, but applies an own entry published at the snapshot's offset", async () => {
    const live = client.leaderboard("arcade").live({ me: true });
    listen(live);
    await until(live, "live");
    const old = { total: 1, length: 1, rows: [entryOf("old", 1)] };
    const publications = [
      { offset: 9, event: "leaderboard.updated", data: old },
      { offset: 10, event: "leaderboard.me", data: { entry: entryOf("me", 12) } },
    ];
    node.push({ channel, epoch: "e1", publications });
    await vi.waitFor(() => expect(live.get().me?.rank).toBe(12));
    expect(live.get().total).toBe(60);
  });

  it("applies an update of a new epoch, although its offset is lower than the last one", async () => {
    const live = client.leaderboard("arcade").live();
    listen(live);
    await until(live, "live");
    const data = { total: 1, length: 1, rows: [entryOf("ada", 1)] };
    node.push({ channel, epoch: "e2", publications: [{ offset: 1, event: "leaderboard.updated", data }] });
    await vi.waitFor(() => expect(live.get().entries).toEqual([entryOf("ada", 1)]));
  });

  it("subscribes again when an update would leave a gap in the list", async () => {
    board = topOf(3);
    const live = client.leaderboard("arcade").live();
    const { states } = listen(live);
    await until(live, "live");
    board = topOf(8);
    const data = { total: 8, length: 8, rows: [entryOf("m8", 8)] };
    node.push({ channel, epoch: "e1", publications: [{ offset: 11, event: "leaderboard.updated", data }] });
    await vi.waitFor(() => expect(live.get().entries).toHaveLength(8));
    expect(states.map(({ status }) => status)).toEqual(["live", "stale", "live"]);
  });

  it("LB7 reports that a season ended, and shows the next season", async () => {
    const live = client.leaderboard("arcade").live({ me: true });
    listen(live);
    await until(live, "live");
    expect(live.get()).toMatchObject({ season: "all", seasonEndsAt: null, lastClosed: null });
    const data = closingOf("all", { season: "all.2", endsAt: "2025-01-03T00:00:00.000Z" }, topOf(2));
    node.push({
      channel,
      epoch: "e1",
      publications: [{ offset: 11, event: "leaderboard.season_closed", data }],
    });
    await vi.waitFor(() => expect(live.get().lastClosed).toEqual(data));
    expect(live.get()).toMatchObject({
      status: "live",
      entries: [],
      total: 0,
      me: null,
      season: "all.2",
      seasonEndsAt: "2025-01-03T00:00:00.000Z",
    });
    const rows = [entryOf("ada", 1)];
    node.push({
      channel,
      epoch: "e1",
      publications: [{ offset: 12, event: "leaderboard.updated", data: { total: 1, length: 1, rows } }],
    });
    await vi.waitFor(() =>
      expect(live.get()).toMatchObject({ entries: rows, season: "all.2", lastClosed: data }),
    );
  });

  it("ignores an event that it does not know", async () => {
    const live = client.leaderboard("arcade").live();
    const { states } = listen(live);
    await until(live, "live");
    node.push({
      channel,
      epoch: "e1",
      publications: [{ offset: 11, event: "leaderboard.renamed", data: {} }],
    });
    move(withLeader("ada", 5000));
    await vi.waitFor(() => expect(live.get().entries[0]?.member).toBe("ada"));
    expect(states).toHaveLength(2);
  });
});

describe("a view whose connection is lost", () => {
  it("becomes stale and keeps its content, then becomes live with a new snapshot", async () => {
    const live = client.leaderboard("arcade").live();
    const { states } = listen(live);
    await until(live, "live");
    const before = live.get();
    board = withLeader("ada", 5000);
    node.breakConnections();
    await until(live, "stale");
    expect(live.get().entries).toBe(before.entries);
    await until(live, "live");
    expect(live.get().entries[0]?.member).toBe("ada");
    expect(live.get().entries[1]).toBe(before.entries[1]);
    expect(states.map(({ status }) => status)).toEqual(["live", "stale", "live"]);
    expect(viewsSent()).toHaveLength(2);
  });

  it("keeps the same list if the board did not change", async () => {
    const live = client.leaderboard("arcade").live();
    listen(live);
    await until(live, "live");
    const { entries } = live.get();
    node.breakConnections();
    await until(live, "stale");
    await until(live, "live");
    expect(live.get().entries).toBe(entries);
  });

  it("subscribes once on the next connection if the former connection was lost before the reply", async () => {
    node.answer("channel.subscribe", () => {});
    const live = client.leaderboard("arcade").live();
    listen(live);
    await vi.waitFor(() => expect(viewsSent()).toHaveLength(1));
    node.reply("channel.subscribe", ({ view }) => snapshotOf(view as { top: number; me: boolean }));
    node.breakConnections();
    await until(live, "live");
    expect(viewsSent()).toHaveLength(2);
  });

  it("fails with the client's error, and keeps its content, when the server revokes the credential", async () => {
    const live = client.leaderboard("arcade").live();
    listen(live);
    await until(live, "live");
    for (const socket of node.sockets) socket.emit("closing", { code: 4501, reason: "revoked" });
    await until(live, "failed");
    expect(live.get()).toMatchObject({ total: 60, error: { code: "unauthenticated" } });
  });
});

describe("a view whose subscription the server refuses", () => {
  it("fails with the server's error, and subscribes again on the next connection", async () => {
    let isThere = false;
    node.reply("channel.subscribe", ({ view }) => {
      if (!isThere) throw new GrandstandError("not_found", "There is no such board");
      return snapshotOf(view as { top: number; me: boolean });
    });
    const live = client.leaderboard("arcade").live();
    listen(live);
    await until(live, "failed");
    expect(live.get().error).toMatchObject({ code: "not_found", message: "There is no such board" });
    isThere = true;
    node.breakConnections();
    await until(live, "live");
    expect(live.get().error).toBeNull();
    expect(viewsSent()).toHaveLength(2);
  });

  it("keeps loading after `unavailable`, and becomes live with a retry", async () => {
    let refusals = 1;
    node.reply("channel.subscribe", ({ view }) => {
      if (refusals-- > 0) throw new GrandstandError("unavailable", "Redis is away", { retryAfterMs: 10 });
      return snapshotOf(view as { top: number; me: boolean });
    });
    const live = client.leaderboard("arcade").live();
    const { states } = listen(live);
    await until(live, "live");
    expect(states.map(({ status, error }) => [status, error?.code])).toEqual([
      ["loading", "unavailable"],
      ["live", undefined],
    ]);
  });
});

describe("several views of one board", () => {
  it("share one subscription as wide as the widest view, which narrows when that view loses its listener", async () => {
    const { live } = client.leaderboard("arcade");
    const ten = live({ top: 10 });
    const fifty = live({ top: 50, me: true });
    listen(ten);
    await until(ten, "live");
    const wide = listen(fifty);
    await until(fifty, "live");
    expect(ten.get()).toMatchObject({ status: "live", me: null });
    expect(ten.get().entries).toEqual(topOf(10));
    expect(fifty.get()).toMatchObject({ me: own });
    expect(fifty.get().entries).toEqual(topOf(50));
    wide.stop();
    await vi.waitFor(() => expect(viewsSent()).toHaveLength(3), { timeout: 20_000 });
    expect(viewsSent()).toEqual([
      { top: 10, me: false },
      { top: 50, me: true },
      { top: 10, me: false },
    ]);
    expect(fifty.get()).toMatchObject({ status: "loading", entries: [] });
    move(withLeader("ada", 5000));
    await vi.waitFor(() => expect(ten.get().entries[0]?.member).toBe("ada"));
    expect(node.inputsOf("channel.unsubscribe")).toHaveLength(0);
  });

  it("do not notify the listener of a top-10 view when rank 30 changes", async () => {
    const { live } = client.leaderboard("arcade");
    const [ten, fifty] = [live({ top: 10 }), live({ top: 50 })];
    listen(fifty);
    const narrow = listen(ten);
    await until(ten, "live");
    const before = narrow.states.length;
    move(board.with(29, entryOf("ada", 30)), 50);
    await vi.waitFor(() => expect(fifty.get().entries[29]?.member).toBe("ada"));
    expect(narrow.states).toHaveLength(before);
  });

  it("send one more request in total for two views that are added while a request has no reply", async () => {
    const { live } = client.leaderboard("arcade");
    node.answer("channel.subscribe", () => {});
    listen(live({ top: 10 }));
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    listen(live({ top: 25 }));
    const widest = live({ top: 100, me: true });
    listen(widest);
    node.reply("channel.subscribe", ({ view }) => snapshotOf(view as { top: number; me: boolean }));
    node.requests[0]?.ack({ ok: true, data: snapshotOf({ top: 10, me: false }) });
    await until(widest, "live");
    expect(viewsSent()).toEqual([
      { top: 10, me: false },
      { top: 100, me: true },
    ]);
  });
});

describe("a view without listeners", () => {
  it("unsubscribes, unless a new listener is added at once", async () => {
    const live = client.leaderboard("arcade").live();
    listen(live).stop();
    const { stop } = listen(live);
    await until(live, "live");
    expect(viewsSent()).toHaveLength(1);
    stop();
    stop();
    await vi.waitFor(() => expect(node.inputsOf("channel.unsubscribe")).toEqual([{ channel }]), {
      timeout: 20_000,
    });
    expect(viewsSent()).toHaveLength(1);
    await vi.waitFor(() => expect(live.get().status).toBe("loading"));
    move(withLeader("ada", 5000));
    listen(live);
    await until(live, "live");
    expect(live.get().entries[0]?.member).toBe("ada");
  });

  it("subscribes for a new listener only after the reply to its last unsubscribe", async () => {
    const live = client.leaderboard("arcade").live();
    node.answer("channel.unsubscribe", () => {});
    const { stop } = listen(live);
    await until(live, "live");
    stop();
    await vi.waitFor(() => expect(node.inputsOf("channel.unsubscribe")).toHaveLength(1), { timeout: 20_000 });
    listen(live);
    // The view must ignore a late push of its former subscription.
    move(withLeader("late", 1));
    node.reply("leaderboard.get", () => ({}));
    await client.leaderboard("arcade").get();
    expect(live.get().status).toBe("loading");
    expect(viewsSent()).toHaveLength(1);
    node.requests[1]?.ack({ ok: true, data: { channel } });
    await until(live, "live");
    expect(viewsSent()).toHaveLength(2);
  });
});
