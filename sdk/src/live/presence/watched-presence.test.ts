import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Outcome } from "../../calls.js";
import { WatchedPresence, type WatchedPresenceWire } from "./watched-presence.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const epoch = "one";
const memberOf = (user: string) => ({ user, state: null, since: "2025-01-01T00:00:00.000Z", profile: null });

/**
 * A server whose room has one member. While `hasGhost` is true, the pages of the member list contain a second
 * member, although the count stays 1.
 */
class FakeServer implements WatchedPresenceWire {
  readonly isLive = true;
  hasGhost = true;
  subscribed = 0;

  request(operation: string, _input: unknown, settle: (outcome: Outcome) => void): void {
    if (operation === "presence.get") {
      const members = this.hasGhost ? [memberOf("ghost")] : [];
      settle({ ok: true, data: { members, nextCursor: null, position: { epoch, offset: 2 } } });
      return;
    }
    this.subscribed += 1;
    const snapshot = { mode: "digest", count: 1, members: [memberOf("ann")], nextCursor: "1" };
    settle({ ok: true, data: { position: { epoch, offset: 1 }, snapshot } });
  }
}

/** Advances the time. @returns how many times the room was read meanwhile */
function readsWithin(server: FakeServer, ms: number): number {
  const before = server.subscribed;
  vi.advanceTimersByTime(ms);
  return server.subscribed - before;
}

it("PR7 a list that contradicts its count is read again after growing delays; a list that fits resets the delay", () => {
  const server = new FakeServer();
  const watched = new WatchedPresence("lobby", server, vi.fn(), vi.fn());
  watched.want(10);
  expect(server.subscribed).toBe(1);
  expect(readsWithin(server, 4_900)).toBe(0);
  expect(readsWithin(server, 1_000)).toBe(1);
  expect(readsWithin(server, 9_000)).toBe(0);
  expect(readsWithin(server, 3_000)).toBe(1);
  expect(readsWithin(server, 600_000)).toBeLessThan(12);
  server.hasGhost = false;
  readsWithin(server, 90_000);
  expect(readsWithin(server, 600_000)).toBe(0);
  server.hasGhost = true;
  watched.subscription.onPush({
    channel: "presence:lobby",
    epoch,
    publications: [{ offset: 3, event: "channel.resync", data: { reason: "skipped" } }],
  });
  const again = server.subscribed;
  vi.advanceTimersByTime(16_000);
  expect(server.subscribed - again).toBe(2);
  watched.want(null);
});
