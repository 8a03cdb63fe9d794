import { expect, it } from "vitest";
import { SendLoad } from "./send-load.js";

const LONGEST_MS = 50;
const RECEIVERS = 500;
/** The share of a free core that sending may take. */
const TARGET = 0.16;

/**
 * Publishes to one group at a steady rate for some seconds of a simulated clock, as a fan-out group does.
 * @param writeMs the CPU time of one write
 * @param otherLoad what else the process does, as a share of a core
 * @returns the share of a core that sending took, and the longest and mean wait, each in the last second
 */
function publishSteadily(options: {
  perSecond: number;
  writeMs: number;
  otherLoad?: number;
  longestMs?: number;
}) {
  const { perSecond, writeMs, otherLoad = 0, longestMs = LONGEST_MS } = options;
  let now = 0;
  let sendingMs = 0;
  const load = new SendLoad(longestMs, () => sendingMs + otherLoad * now);
  let windowEndsAt = 0;
  let batch: number[] = [];
  let waits: number[] = [];
  let sendingMsBefore = 0;
  const push = (publishedAt: number[]) => {
    windowEndsAt = now + load.windowMs(now, perSecond / 1_000);
    load.measure(RECEIVERS, () => (sendingMs += RECEIVERS * writeMs));
    for (const at of publishedAt) waits.push(now - at);
  };
  const seconds = 4;
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const at = (number * 1_000) / perSecond;
    if (batch.length > 0 && at >= windowEndsAt) {
      now = windowEndsAt;
      push(batch);
      batch = [];
    }
    now = at;
    if (number === perSecond * (seconds - 1)) [waits, sendingMsBefore] = [[], sendingMs];
    load.note(RECEIVERS, now);
    if (now >= windowEndsAt) push([now]);
    else batch.push(now);
  }
  return {
    share: (sendingMs - sendingMsBefore) / 1_000,
    longestWaitMs: Math.max(...waits),
    meanWaitMs: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
  };
}

it("CH6: while sending takes less than its share of the CPU, nothing waits", () => {
  const { share, longestWaitMs } = publishSteadily({ perSecond: 40, writeMs: 0.005 });
  expect(share).toBeCloseTo(0.1, 2);
  expect(longestWaitMs).toBe(0);
});

it("CH6: when sending would take more than its share of the CPU, publications wait just long enough to stay within it", () => {
  const { share, meanWaitMs, longestWaitMs } = publishSteadily({ perSecond: 200, writeMs: 0.005 });
  expect(share).toBeGreaterThan(0.08);
  expect(share).toBeLessThanOrEqual(TARGET);
  expect(meanWaitMs).toBeLessThan(12);
  expect(longestWaitMs).toBeLessThan(25);
});

it("CH6: sending takes its share of only the CPU time that other work of the process leaves free", () => {
  const quiet = publishSteadily({ perSecond: 200, writeMs: 0.005 });
  const busy = publishSteadily({ perSecond: 200, writeMs: 0.005, otherLoad: 0.5 });
  expect(busy.share).toBeLessThan(0.75 * quiet.share);
  expect(busy.meanWaitMs).toBeGreaterThan(quiet.meanWaitMs);
});

it("CH6: nothing waits longer than GRANDSTAND_BATCH_MS, however little CPU is free", () => {
  const { longestWaitMs } = publishSteadily({ perSecond: 1_000, writeMs: 0.02, otherLoad: 0.95 });
  expect(longestWaitMs).toBeGreaterThan(LONGEST_MS / 2);
  expect(longestWaitMs).toBeLessThanOrEqual(LONGEST_MS);
});

it("CH6: with a batch window of 0 nothing waits", () => {
  const { longestWaitMs } = publishSteadily({ perSecond: 1_000, writeMs: 0.02, longestMs: 0 });
  expect(longestWaitMs).toBe(0);
});

it("CH6: the window falls to 0 when the load ends", () => {
  const load = new SendLoad(LONGEST_MS, () => 0);
  load.note(1_000_000, 0);
  expect(load.windowMs(0, 1)).toBeGreaterThan(0);
  expect(load.windowMs(5_000, 1)).toBe(0);
});

it("CH6: under the same load, a group that publishes often gets a shorter window than one that publishes rarely", () => {
  const load = new SendLoad(LONGEST_MS, () => 0);
  load.note(10_000, 0);
  const [rare, frequent] = [0.01, 0.2].map((perMs) => load.windowMs(0, perMs));
  expect(rare).toBe(LONGEST_MS);
  expect(frequent).toBeLessThan(LONGEST_MS);
});
