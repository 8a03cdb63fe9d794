import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "../core/connection.js";
import { type PausableSubscriptions, SlowConsumers } from "./slow-consumers.js";

const limits = { queuedBytes: 1_000, closeBytes: 4_000, closeMs: 15_000 };

interface Client extends Connection {
  queuedBytes: number;
  closed: string | null;
  isTerminated: boolean;
}

let slow: SlowConsumers;
let lagged: Connection[];
let caughtUp: Connection[];
/** Those who are not back in all of their channels. */
let behind: Set<Connection>;
/** What the next catching up does to the queue, and whether it gets to the end. */
let nextCatchUps: { queuedBytes: number; isDone: boolean }[];

const channels: PausableSubscriptions = {
  pause: (connection) => {
    lagged.push(connection);
    behind.add(connection);
  },
  catchUp: async (connection, hasRoom) => {
    expect(hasRoom()).toBe(true);
    caughtUp.push(connection);
    const next = nextCatchUps.shift() ?? { queuedBytes: 0, isDone: true };
    (connection as Client).queuedBytes = next.queuedBytes;
    if (next.isDone) behind.delete(connection);
  },
  hasPausedSubscription: (connection) => behind.has(connection),
};

function client(queuedBytes: number): Client {
  const one = {
    queuedBytes,
    closed: null as string | null,
    isTerminated: false,
    close: (reason: string) => {
      one.closed = reason;
    },
    terminate: () => {
      one.isTerminated = true;
    },
  };
  return one as unknown as Client;
}

beforeEach(() => {
  vi.useFakeTimers();
  [lagged, caughtUp, nextCatchUps] = [[], [], []];
  behind = new Set();
  slow = new SlowConsumers(limits, channels);
});

afterEach(() => {
  vi.useRealTimers();
});

it("CH7: who keeps up is not looked at, and costs nothing", () => {
  slow.note(client(1_000));
  expect([slow.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it("CH7: past 256 KiB a connection is sent no more, until half of it has drained", async () => {
  const one = client(1_001);
  slow.note(one);
  slow.note(one);
  await vi.advanceTimersByTimeAsync(200);
  expect([lagged, caughtUp]).toEqual([[one], []]);
  one.queuedBytes = 500;
  nextCatchUps = [{ queuedBytes: 900, isDone: false }];
  await vi.advanceTimersByTimeAsync(100);
  expect([caughtUp.length, slow.size]).toEqual([1, 1]);
  one.queuedBytes = 0;
  await vi.advanceTimersByTimeAsync(100);
  expect([caughtUp.length, slow.size, vi.getTimerCount()]).toEqual([2, 0, 0]);
});

it("CH7: past 1 MiB it is closed with 4008, and ended when it does not even take that", async () => {
  const one = client(1_001);
  slow.note(one);
  one.queuedBytes = 4_001;
  slow.note(one);
  expect([one.closed, one.isTerminated]).toEqual(["slowConsumer", false]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(one.isTerminated).toBe(true);
  slow.forget(one);
  expect(vi.getTimerCount()).toBe(0);
});

it("CH7: past 15 s without reading it is closed; who reads, however slowly, stays", async () => {
  const [stuck, reading] = [client(1_001), client(1_001)];
  slow.note(stuck);
  slow.note(reading);
  for (let round = 0; round < 20; round += 1) {
    await vi.advanceTimersByTimeAsync(900);
    nextCatchUps = [{ queuedBytes: 1_000, isDone: false }];
    reading.queuedBytes = 100;
    await vi.advanceTimersByTimeAsync(100);
  }
  expect([stuck.closed, reading.closed]).toEqual(["slowConsumer", null]);
});

it("CH7: the 15 s begin anew with everything that it reads, be its queue as long as it may", async () => {
  const one = client(1_001);
  slow.note(one);
  for (let round = 0; round < 4; round += 1) {
    await vi.advanceTimersByTimeAsync(10_000);
    one.queuedBytes -= 10;
  }
  await vi.advanceTimersByTimeAsync(14_000);
  expect([one.closed, caughtUp]).toEqual([null, []]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(one.closed).toBe("slowConsumer");
  slow.forget(one);
});

it("CH7: who stops to read while it catches up lags again, and goes no further back until it has read", async () => {
  const one = client(1_001);
  let goOn = () => {};
  const roomAfter: boolean[] = [];
  const catchUp = vi.spyOn(channels, "catchUp").mockImplementationOnce(async (_connection, hasRoom) => {
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    roomAfter.push(hasRoom());
    behind.delete(one);
  });
  slow.note(one);
  one.queuedBytes = 0;
  await vi.advanceTimersByTimeAsync(20);
  one.queuedBytes = 1_001;
  slow.note(one);
  await vi.advanceTimersByTimeAsync(20);
  expect(lagged).toEqual([one, one]);
  one.queuedBytes = 500;
  goOn();
  // Neither timers nor the next round: what this round makes of it.
  await vi.advanceTimersByTimeAsync(0);
  expect([roomAfter, slow.size]).toEqual([[false], 1]);
  await vi.advanceTimersByTimeAsync(20);
  expect([catchUp.mock.calls.length, slow.size]).toEqual([2, 0]);
  catchUp.mockRestore();
});

it("a catching up that fails is tried again, and not at once", async () => {
  const one = client(1_001);
  const catchUp = vi.spyOn(channels, "catchUp").mockRejectedValueOnce(new Error("away"));
  slow.note(one);
  one.queuedBytes = 0;
  await vi.advanceTimersByTimeAsync(400);
  expect([catchUp.mock.calls.length, slow.size]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(200);
  expect([catchUp.mock.calls.length, slow.size]).toEqual([2, 0]);
  catchUp.mockRestore();
});

it("who is gone is forgotten", async () => {
  const one = client(2_000);
  slow.note(one);
  slow.forget(one);
  await vi.advanceTimersByTimeAsync(100);
  expect([lagged, slow.size, vi.getTimerCount()]).toEqual([[], 0, 0]);
});
