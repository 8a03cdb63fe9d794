import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Connection } from "../core/connection.js";
import { type Channels, SlowConsumers } from "./slow-consumers.js";

const limits = { queuedBytes: 1_000, closeBytes: 4_000, closeMs: 15_000 };

interface Client extends Connection {
  queuedBytes: number;
  closed: string | null;
  isTerminated: boolean;
}

let slow: SlowConsumers;
let paused: Connection[];
let caughtUp: Connection[];
/** The connections with a paused subscription. */
let behind: Set<Connection>;
/** For each of the next catch-ups: how many bytes the queue has afterwards, and whether the catch-up completes. */
let nextCatchUps: { queuedBytes: number; isDone: boolean }[];

const channels: Channels = {
  pause: (connection) => {
    paused.push(connection);
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
  // Timeouts stay real, because Redis clients of other test files in this process use them. SlowConsumers uses an interval.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  [paused, caughtUp, nextCatchUps] = [[], [], []];
  behind = new Set();
  slow = new SlowConsumers(limits, channels);
});

afterEach(() => {
  vi.useRealTimers();
});

it("CH7: a connection that keeps up is not watched, and needs no timer", () => {
  slow.note(client(1_000));
  expect([slow.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it("CH7: a connection whose queue exceeds `queuedBytes` is paused until the queue has drained to half", async () => {
  const one = client(1_001);
  slow.note(one);
  slow.note(one);
  await vi.advanceTimersByTimeAsync(200);
  expect([paused, caughtUp]).toEqual([[one], []]);
  one.queuedBytes = 500;
  nextCatchUps = [{ queuedBytes: 900, isDone: false }];
  await vi.advanceTimersByTimeAsync(100);
  expect([caughtUp.length, slow.size]).toEqual([1, 1]);
  one.queuedBytes = 0;
  await vi.advanceTimersByTimeAsync(100);
  expect([caughtUp.length, slow.size, vi.getTimerCount()]).toEqual([2, 0, 0]);
});

it("CH7: a paused connection above `closeBytes` is closed, and terminated when its client does not read the close notice", async () => {
  const one = client(1_001);
  slow.note(one);
  await vi.advanceTimersByTimeAsync(0);
  one.queuedBytes = 4_001;
  slow.note(one);
  expect([one.closed, one.isTerminated]).toEqual(["slowConsumer", false]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(one.isTerminated).toBe(true);
  slow.forget(one);
  expect(vi.getTimerCount()).toBe(0);
});

it("CH7: one push above `closeBytes` pauses a connection and does not close it", async () => {
  const one = client(4_001);
  slow.note(one);
  // The real `pause` (hub.ts) first sends the publications that wait in a batch for the connection. After this send,
  // the transport calls `note` again.
  slow.note(one);
  await vi.advanceTimersByTimeAsync(20);
  expect([paused, one.closed]).toEqual([[one], null]);
  one.queuedBytes = 0;
  await vi.advanceTimersByTimeAsync(20);
  expect([caughtUp, slow.size]).toEqual([[one], 0]);
});

it("CH7: a connection whose client reads nothing for 15 s is closed; a client that reads slowly stays connected", async () => {
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

it("CH7: each read restarts the 15 s after which a connection is closed, however long its queue is", async () => {
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

it("CH7: a client that stops reading during its catch-up is paused again until it has read its queue", async () => {
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
  expect(paused).toEqual([one, one]);
  one.queuedBytes = 500;
  goOn();
  // No timer has fired yet, so this is the result of the catch-up that is running.
  await vi.advanceTimersByTimeAsync(0);
  expect([roomAfter, slow.size]).toEqual([[false], 1]);
  await vi.advanceTimersByTimeAsync(20);
  expect([catchUp.mock.calls.length, slow.size]).toEqual([2, 0]);
  catchUp.mockRestore();
});

it("a failed catch-up is retried after a delay", async () => {
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

it("a closed connection is forgotten", async () => {
  const one = client(2_000);
  slow.note(one);
  slow.forget(one);
  await vi.advanceTimersByTimeAsync(100);
  expect([paused, slow.size, vi.getTimerCount()]).toEqual([[], 0, 0]);
});
