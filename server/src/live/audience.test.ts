import type { Push } from "@grandstand/shared/channels";
import { beforeEach, describe, expect, it } from "vitest";
import type { Connection, Wire } from "../calls/connection.js";
import { eventually } from "../testing/eventually.js";
import { Audience } from "./audience.js";
import { SendLoad } from "./send-load.js";

const BATCH_MS = 50;

let pushes: { push: Push; at: number }[];
let wire: Wire;

beforeEach(() => {
  pushes = [];
  wire = {
    join: () => {},
    leave: () => {},
    broadcast: (_audience, push) => pushes.push({ push, at: performance.now() }),
  };
});

function audienceOf(size: number, batchMs = BATCH_MS): Audience {
  const audience = new Audience("a", "leaderboard:b", new SendLoad(batchMs));
  for (let at = 0; at < size; at += 1) audience.add({ id: String(at), wire } as Connection);
  return audience;
}

function publish(audience: Audience, offset: number, epoch = "e"): void {
  audience.publish(epoch, [{ offset, event: "x", data: null }]);
}

function offsets(): number[] {
  return pushes.flatMap(({ push }) => push.publications.map(({ offset }) => offset));
}

describe("CH6: bursts are batched", () => {
  it("a lone publication leaves at once, and with little to send so do all", () => {
    const audience = audienceOf(3);
    for (let offset = 1; offset <= 20; offset += 1) publish(audience, offset);
    expect(pushes).toHaveLength(20);
  });

  it("under load they gather for up to GRANDSTAND_BATCH_MS and leave in one push", async () => {
    const audience = audienceOf(1_000);
    for (let offset = 1; offset <= 100; offset += 1) publish(audience, offset);
    const startedAt = performance.now();
    // Each until the load is seen leaves at once.
    const before = pushes.length;
    expect(before).toBeLessThan(10);
    await eventually(() => expect(offsets()).toHaveLength(100));
    expect(pushes).toHaveLength(before + 1);
    expect(pushes.at(-1)!.at - startedAt).toBeLessThan(BATCH_MS + 1_000);
    expect(offsets()).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  });

  it("the window is 0 where it is set so", () => {
    const audience = audienceOf(1_000, 0);
    for (let offset = 1; offset <= 100; offset += 1) publish(audience, offset);
    expect(pushes).toHaveLength(100);
  });

  it("the load is forgotten when it ends", async () => {
    const load = new SendLoad(BATCH_MS);
    load.note(1_000_000, 0);
    expect(load.windowMs(0)).toBe(BATCH_MS);
    expect(load.windowMs(5_000)).toBe(0);
  });
});

it("a push holds one epoch", async () => {
  const audience = audienceOf(1_000);
  for (let offset = 1; offset <= 50; offset += 1) publish(audience, offset, offset <= 30 ? "one" : "two");
  await eventually(() => expect(offsets()).toHaveLength(50));
  for (const { push } of pushes) {
    for (const { offset } of push.publications) expect(push.epoch).toBe(offset <= 30 ? "one" : "two");
  }
});

it("who joins does not receive what still gathers", () => {
  const audience = audienceOf(1_000);
  for (let offset = 1; offset <= 50; offset += 1) publish(audience, offset);
  expect(offsets().length).toBeLessThan(50);
  audience.add({ id: "late", wire } as Connection);
  expect(offsets()).toHaveLength(50);
});

it("an audience that everybody left sends nothing and keeps no timer", () => {
  const audience = new Audience("a", "leaderboard:b", new SendLoad(BATCH_MS));
  const connections = Array.from({ length: 1_000 }, (_, at) => ({ id: String(at), wire }) as Connection);
  for (const connection of connections) audience.add(connection);
  for (let offset = 1; offset <= 50; offset += 1) publish(audience, offset);
  const sent = pushes.length;
  for (const connection of connections) audience.remove(connection);
  expect(audience.size).toBe(0);
  publish(audience, 51);
  expect(pushes).toHaveLength(sent);
});
