import { GrandstandError } from "@grandstand/shared/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client, Store } from "../client.js";
import { TestNode } from "../testing/test-node.js";

let node: TestNode;
let client: Client;
let refusal: GrandstandError | null;

const position = { epoch: "e1", offset: 1 };
const snapshots: Record<string, object> = {
  leaderboard: { entries: [], total: 0, season: "all", seasonEndsAt: null },
  counter: { value: 7, crossed: [] },
  chat: { messages: [], hasMore: false },
  presence: { mode: "each", count: 0, members: [], nextCursor: null },
  user: { rooms: [], notices: [] },
};

interface Live extends Store<{ status: string; error: GrandstandError | null }> {
  readonly retry: () => void;
}

const views: Record<string, (client: Client) => Live> = {
  leaderboard: (own) => own.leaderboard("arcade").live(),
  counter: (own) => own.counter("likes").live(),
  chat: (own) => own.chat("lobby").live(),
  presence: (own) => own.presence("lobby").live(),
  user: (own) => own.user(),
};

beforeEach(async () => {
  node = await TestNode.start();
  node.user = { id: "ada", name: null, avatar: null, isGuest: false };
  refusal = new GrandstandError("not_found", "It does not exist yet");
  node.reply("channel.subscribe", ({ channel }) => {
    if (refusal) throw refusal;
    const kind = (channel as string).split(":")[0]!;
    return { channel, position, recovered: false, snapshot: snapshots[kind] };
  });
  node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
  node.reply("auth.refresh", () => ({ user: null, expiresAt: null }));
  client = node.connect({ token: async () => "token" });
});
afterEach(() => node.stop());

function eventually(check: () => void, timeout = 8_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 10 });
}

describe.each(Object.keys(views))("a live view of a %s that the server refuses", (kind) => {
  let live: Live;

  beforeEach(async () => {
    live = views[kind]!(client);
    live.subscribe(() => {});
    await eventually(() =>
      expect(live.get()).toMatchObject({ status: "failed", error: { code: "not_found" } }),
    );
  });

  it("becomes live with its next automatic retry once the server allows the subscription", async () => {
    await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(2));
    refusal = null;
    await eventually(() => expect(live.get()).toMatchObject({ status: "live", error: null }));
    expect(node.inputsOf("channel.subscribe")).toHaveLength(3);
  });

  it("subscribes again at once after a token refresh", async () => {
    refusal = null;
    node.io.emit("expiring", { expiresAt: new Date().toISOString() });
    await eventually(() => expect(live.get().status).toBe("live"), 900);
  });

  it("subscribes again at once when retry() is called", async () => {
    refusal = null;
    live.retry();
    await eventually(() => expect(live.get().status).toBe("live"), 900);
  });
});

it("a repeated refusal does not notify listeners again", async () => {
  const live = views.counter!(client);
  const listener = vi.fn();
  live.subscribe(listener);
  await eventually(() => expect(live.get().status).toBe("failed"));
  const notified = listener.mock.calls.length;
  await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(2));
  live.retry();
  await eventually(() => expect(node.inputsOf("channel.subscribe")).toHaveLength(3));
  expect(listener).toHaveBeenCalledTimes(notified);
});

it("a subscription with invalid input is not retried", async () => {
  refusal = new GrandstandError("bad_request", "No such window");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const live = views.leaderboard!(client);
    live.subscribe(() => {});
    await vi.waitUntil(() => live.get().status === "failed");
    vi.advanceTimersByTime(600_000);
    // A repeated subscription would arrive before this call.
    node.reply("leaderboard.get", () => ({}));
    await client.leaderboard("arcade").get();
    expect(node.inputsOf("channel.subscribe")).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

it("a polled window that does not exist yet becomes live by itself once it exists", async () => {
  refusal = null;
  let isThere = false;
  node.reply("leaderboard.entries", () => {
    if (!isThere) throw new GrandstandError("not_found", "There is no such window");
    return { entries: [], total: 0, season: "1", nextCursor: null };
  });
  node.reply("leaderboard.seasons", () => ({ seasons: [] }));
  const board = client.leaderboard("arcade");
  const stop = board.live({ window: "all" }).subscribe(() => {});
  const daily = board.live({ window: "daily" });
  daily.subscribe(() => {});
  await eventually(() => expect(daily.get().status).toBe("failed"));
  isThere = true;
  await eventually(() => expect(daily.get().status).toBe("live"));
  stop();
});

it("a refused presence.enter is retried by itself until the server allows it", async () => {
  refusal = null;
  let isBanned = true;
  const member = { user: "ada", state: null, since: "2025-01-01T00:00:00.000Z", profile: null };
  node.reply("presence.enter", () => {
    if (isBanned) throw new GrandstandError("forbidden", "Banned");
    return { member };
  });
  const room = client.presence("lobby");
  const live = room.live();
  live.subscribe(() => {});
  room.enter();
  await eventually(() => expect(live.get()).toMatchObject({ isIn: false, error: { code: "forbidden" } }));
  isBanned = false;
  await eventually(() => expect(live.get()).toMatchObject({ isIn: true, error: null }));
});
