import { GrandstandError } from "@grandstand/shared/errors";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, LiveLeaderboard } from "../../client.js";
import { entryOf, topOf } from "../../testing/entries.js";
import { TestNode } from "../../testing/test-node.js";

const endsAt = "2025-01-02T00:00:00.000Z";
const later = { timeout: 20_000 };

let node: TestNode;
let client: Client;
/** The windows of the board on the server. */
let windows: Record<string, { season: string; entries: Entry[] }>;

beforeEach(async () => {
  node = await TestNode.start();
  client = node.connect();
  windows = {
    all: { season: "all", entries: topOf(30) },
    daily: { season: "2025-01-01", entries: topOf(5) },
  };
  node.reply("channel.subscribe", ({ channel, view }) => {
    const { window, top } = view as { window: string; top: number };
    const snapshot = { ...readOf(window, top), seasonEndsAt: window === "all" ? null : endsAt };
    return { channel, position: { epoch: "e1", offset: 10 }, recovered: false, snapshot };
  });
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  node.reply("leaderboard.entries", ({ window, limit }) => readOf(String(window), Number(limit)));
  node.reply("leaderboard.seasons", ({ window }) => ({
    seasons: [{ window, season: windows[String(window)]?.season, endsAt }],
  }));
});
afterEach(() => node.stop());

function readOf(window: string, limit: number) {
  const { season, entries } = windows[window] ?? expect.fail(`asked for ${window}`);
  return { entries: entries.slice(0, limit), total: entries.length, season };
}

function liveOf(window: string): LiveLeaderboard {
  return client.leaderboard("arcade").live({ window });
}

function listen(live: LiveLeaderboard): () => void {
  return live.subscribe(() => {});
}

function until(live: LiveLeaderboard, state: object): Promise<void> {
  return vi.waitFor(() => expect(live.get()).toMatchObject(state), later);
}

function windowsSubscribed(): unknown[] {
  return node.inputsOf("channel.subscribe").map(({ view }) => (view as { window: string }).window);
}

describe("two views of one board that differ in window or `where`", () => {
  it("become live: the first view by subscription, the second view by polling", async () => {
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    listen(all);
    listen(daily);
    await until(all, { status: "live", total: 30, season: "all", seasonEndsAt: null });
    await until(daily, { status: "live", total: 5, season: "2025-01-01", seasonEndsAt: endsAt });
    const { entries } = daily.get();
    windows.daily = { season: "2025-01-01", entries: [...topOf(5), entryOf("ada", 6)] };
    await until(daily, { total: 6 });
    expect(daily.get().entries[4]).toBe(entries[4]);
    windows.daily = { season: "2025-01-02", entries: [] };
    await until(daily, { total: 0, entries: [], season: "2025-01-02", lastClosed: null });
    expect(windowsSubscribed()).toEqual(["all"]);
    // The end of each season is read once.
    expect(node.inputsOf("leaderboard.seasons")).toHaveLength(2);
  });

  it("LB10: a view with `where` and a view of the whole board are live together, each with its own entries", async () => {
    const own = entryOf("ada", 1);
    node.reply("leaderboard.entries", ({ window, where, limit }) =>
      where ? { entries: [own], total: 1, season: "all" } : readOf(String(window), Number(limit)),
    );
    const all = liveOf("all");
    const french = client.leaderboard("arcade").live({ window: "all", where: { country: "fr" } });
    listen(all);
    listen(french);
    await until(all, { status: "live", total: 30 });
    await until(french, { status: "live", total: 1, entries: [own] });
    expect(node.inputsOf("leaderboard.entries")[0]).toMatchObject({ where: { country: "fr" } });
  });

  it("pass the subscription to the polled view when the subscribed view loses its listener", async () => {
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    const stop = listen(all);
    listen(daily);
    await until(all, { status: "live" });
    await until(daily, { status: "live" });
    stop();
    await vi.waitFor(() => expect(windowsSubscribed()).toEqual(["all", "daily"]));
    const rows = [entryOf("ada", 1, 5000)];
    const publications = [{ offset: 11, event: "leaderboard.updated", data: { total: 5, length: 5, rows } }];
    await until(daily, { status: "live" });
    node.push({ channel: "leaderboard:arcade", epoch: "e1", publications });
    await vi.waitFor(() => expect(daily.get().entries[0]?.member).toBe("ada"));
    // When `all` has a listener again, `daily` keeps the subscription.
    listen(all);
    await until(all, { status: "live", total: 30 });
    expect(windowsSubscribed()).toEqual(["all", "daily"]);
    expect(node.inputsOf("channel.unsubscribe")).toEqual([]);
  });

  it("ignore late publications of the former subscription", async () => {
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    const stop = listen(all);
    listen(daily);
    await until(all, { status: "live" });
    await until(daily, { status: "live" });
    node.answer("channel.subscribe", () => {});
    stop();
    await vi.waitFor(() => expect(windowsSubscribed()).toEqual(["all", "daily"]));
    const rows = [entryOf("late", 1, 5000)];
    const publications = [
      { offset: 11, event: "leaderboard.updated", data: { total: 30, length: 10, rows } },
    ];
    node.push({ channel: "leaderboard:arcade", epoch: "e1", publications });
    node.reply("leaderboard.get", () => ({}));
    await client.leaderboard("arcade").get();
    expect(daily.get()).toMatchObject({ status: "live", entries: topOf(5) });
  });

  it("become live again after a lost connection; until then the polled view is stale", async () => {
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    listen(all);
    listen(daily);
    await until(all, { status: "live" });
    await until(daily, { status: "live" });
    windows.daily = { season: "2025-01-01", entries: topOf(7) };
    node.breakConnections();
    await until(daily, { status: "stale", total: 5 });
    await until(daily, { status: "live", total: 7 });
    await until(all, { status: "live" });
  });

  it("show the own entry in a polled view with `me`, and null once the own entry is gone", async () => {
    node.user = { id: "ada", name: null, avatar: null, isGuest: true };
    client = node.connect();
    const own = entryOf("ada", 4);
    let isThere = true;
    node.reply("leaderboard.entry", () => {
      if (!isThere) throw new GrandstandError("not_found", "There is no such entry");
      return own;
    });
    listen(liveOf("all"));
    const daily = client.leaderboard("arcade").live({ window: "daily", me: true });
    listen(daily);
    await until(daily, { status: "live", me: own });
    expect(node.inputsOf("leaderboard.entry")[0]).toEqual({
      board: "arcade",
      member: "ada",
      window: "daily",
    });
    isThere = false;
    await until(daily, { status: "live", me: null });
  });

  it("fail separately: a refused polled view is read again on the next connection and after an outage", async () => {
    const entries = readOf("daily", 10);
    let refusal: GrandstandError | null = new GrandstandError("not_found", "There is no such window");
    node.reply("leaderboard.entries", () => {
      if (refusal) throw refusal;
      return entries;
    });
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    listen(all);
    listen(daily);
    await until(daily, { status: "failed", error: { code: "not_found" } });
    await until(all, { status: "live" });
    refusal = new GrandstandError("unavailable", "Redis is away", { retryAfterMs: 10 });
    node.breakConnections();
    await until(daily, { status: "loading", error: { code: "unavailable" } });
    refusal = null;
    await until(daily, { status: "live", error: null });
  });

  it("do not poll without listeners, and fail when the client is closed", async () => {
    const [all, daily] = [liveOf("all"), liveOf("daily")];
    listen(all);
    const stop = listen(daily);
    await until(daily, { status: "live" });
    const read = node.inputsOf("leaderboard.entries").length;
    stop();
    await vi.waitFor(() => expect(daily.get().status).toBe("loading"), later);
    listen(daily);
    await until(daily, { status: "live" });
    expect(node.inputsOf("leaderboard.entries")).toHaveLength(read + 1);
    client.close();
    expect(all.get().status).toBe("failed");
    expect(daily.get()).toMatchObject({ status: "failed", total: 5 });
  });
});
