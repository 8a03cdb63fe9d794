import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "../core/connection.js";
import { CredentialExpiry } from "./credential-expiry.js";

const HOUR_MS = 3_600_000;

let expiry: CredentialExpiry;

beforeEach(() => {
  vi.useFakeTimers();
  expiry = new CredentialExpiry({ warnMs: 4_000, graceMs: 2_000 });
});

afterEach(() => {
  expiry.stop();
  expect(expiry.size).toBe(0);
  vi.useRealTimers();
});

function connectionFor(lifetimeMs: number) {
  const log: string[] = [];
  const startedAt = performance.now();
  const note = (what: string) => log.push(`${what} ${Math.round((performance.now() - startedAt) / 1_000)}`);
  const credential = { id: "token:ann", expiresAt: Date.now() + lifetimeMs, issuedAt: 0 };
  const connection = {
    caller: { kind: "user", user: { id: "ann", name: null, avatar: null, isGuest: false }, credential },
    warn: () => note("warned"),
    close: () => note("closed"),
  } as unknown as Connection;
  expiry.note(connection);
  return { connection, log };
}

async function endOf({ log }: { log: string[] }): Promise<string[]> {
  await vi.advanceTimersByTimeAsync(5_000);
  return log;
}

/** Sets only the wall clock. Timers and the monotonic clock continue. */
function setClock(byMs: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() + byMs);
}

afterEach(() => {
  vi.restoreAllMocks();
});

it("AU3: a connection is warned before its credential expires, and closed after the grace", async () => {
  const { log } = connectionFor(10_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(log).toHaveLength(2);
  expect(log[0]).toMatch(/^warned [67]$/);
  expect(log[1]).toMatch(/^closed 1[23]$/);
});

it("AU3: a connection with one second left is warned before it is closed, whenever it begins between two ticks", async () => {
  for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 90) {
    await vi.advanceTimersByTimeAsync(90);
    expect((await endOf(connectionFor(1_000))).map((line) => line.split(" ")[0])).toEqual([
      "warned",
      "closed",
    ]);
  }
});

it("AU3: a node that was blocked until after a credential's expiry warns the connection before closing it", async () => {
  const { log } = connectionFor(10_000);
  // Time passes, and no timer fires.
  vi.setSystemTime(Date.now() + 11_000);
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + 11_000);
  await vi.advanceTimersByTimeAsync(250);
  expect(log.map((line) => line.split(" ")[0])).toEqual(["warned"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(log.map((line) => line.split(" ")[0])).toEqual(["warned", "closed"]);
});

it("AU3: setting the clock back prolongs no connection, whether it began before or after the change", async () => {
  const before = connectionFor(10_000);
  setClock(-HOUR_MS);
  await vi.advanceTimersByTimeAsync(2_000);
  const after = connectionFor(10_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(before.log.at(-1)).toMatch(/^closed 1[23]$/);
  expect(after.log.at(-1)).toMatch(/^closed 1[23]$/);
});

it("AU3: a clock that is set forward past the expiry closes the connection after the grace", async () => {
  const { log } = connectionFor(HOUR_MS / 2);
  setClock(HOUR_MS);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(log.at(-1)).toMatch(/^closed [0-4]$/);
});

it("a forgotten connection is neither warned nor closed", async () => {
  const { connection, log } = connectionFor(10_000);
  expiry.forget(connection);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(log).toEqual([]);
});
