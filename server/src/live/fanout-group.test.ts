import type { Push } from "@grandstand/shared/channels";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import type { Broadcaster, Connection } from "../core/connection.js";
import { FanoutGroup } from "./fanout-group.js";
import { SendLoad } from "./send-load.js";

const BATCH_MS = 50;
const WRITE_MS = 0.01;

let pushes: { push: Push; at: number; receivers: number }[];
let broadcaster: Broadcaster;
/** The CPU time that the sends of a test take, as the process would measure it. */
let cpuMs: number;

beforeEach(() => {
  pushes = [];
  cpuMs = 0;
  let members = 0;
  broadcaster = {
    join: () => (members += 1),
    leave: () => (members -= 1),
    broadcast: (_group, push) => {
      cpuMs += members * WRITE_MS;
      pushes.push({ push, at: performance.now(), receivers: members });
    },
  };
});

afterEach(() => {
  vi.useRealTimers();
});

function loadOf(batchMs: number): SendLoad {
  return new SendLoad(batchMs, () => cpuMs);
}

function groupOf(size: number, batchMs = BATCH_MS): FanoutGroup {
  const group = new FanoutGroup("a", "leaderboard:b", loadOf(batchMs));
  for (let at = 0; at < size; at += 1) group.add({ id: String(at), broadcaster: broadcaster } as Connection);
  return group;
}

function publish(group: FanoutGroup, offset: number, epoch = "e"): void {
  group.publish(epoch, [{ offset, event: "x", data: null }]);
}

function offsets(): number[] {
  return pushes.flatMap(({ push }) => push.publications.map(({ offset }) => offset));
}

describe("CH6: bursts are batched", () => {
  it("with little to send, every publication is sent at once", () => {
    const group = groupOf(3);
    for (let offset = 1; offset <= 20; offset += 1) publish(group, offset);
    expect(pushes).toHaveLength(20);
  });

  it("under load, publications wait for up to GRANDSTAND_BATCH_MS and are sent in one push", async () => {
    const group = groupOf(1_000);
    for (let offset = 1; offset <= 100; offset += 1) publish(group, offset);
    const startedAt = performance.now();
    // Publications are sent at once until the load is measured.
    const before = pushes.length;
    expect(before).toBeLessThan(10);
    await eventually(() => expect(offsets()).toHaveLength(100));
    expect(pushes).toHaveLength(before + 1);
    expect(pushes.at(-1)!.at - startedAt).toBeLessThan(BATCH_MS + 1_000);
    expect(offsets()).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  });

  it("with a batch window of 0, every publication is sent at once", () => {
    const group = groupOf(1_000, 0);
    for (let offset = 1; offset <= 100; offset += 1) publish(group, offset);
    expect(pushes).toHaveLength(100);
  });
});

it("a push contains publications of one epoch only", async () => {
  const group = groupOf(1_000);
  for (let offset = 1; offset <= 50; offset += 1) publish(group, offset, offset <= 30 ? "one" : "two");
  await eventually(() => expect(offsets()).toHaveLength(50));
  for (const { push } of pushes) {
    for (const { offset } of push.publications) expect(push.epoch).toBe(offset <= 30 ? "one" : "two");
  }
});

it("a new member does not receive the batch that was waiting", () => {
  const group = groupOf(1_000);
  for (let offset = 1; offset <= 50; offset += 1) publish(group, offset);
  expect(offsets().length).toBeLessThan(50);
  group.add({ id: "late", broadcaster: broadcaster } as Connection);
  expect(offsets()).toHaveLength(50);
  expect(pushes.at(-1)!.receivers).toBe(1_000);
});

it("a group without members sends nothing and keeps no timer", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const group = new FanoutGroup("a", "leaderboard:b", loadOf(BATCH_MS));
  const connections = Array.from(
    { length: 1_000 },
    (_, at) => ({ id: String(at), broadcaster: broadcaster }) as Connection,
  );
  for (const connection of connections) group.add(connection);
  for (let offset = 1; offset <= 50; offset += 1) publish(group, offset);
  const sent = pushes.length;
  expect(vi.getTimerCount()).toBe(1);
  for (const connection of connections) group.remove(connection);
  expect(group.size).toBe(0);
  publish(group, 51);
  expect(pushes).toHaveLength(sent);
  expect(vi.getTimerCount()).toBe(0);
});
