import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Deadlines } from "./deadlines.js";

const late = new Error("late");
const never = () => new Promise<never>(() => {});

let deadlines: Deadlines;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  deadlines = new Deadlines(1_000, late);
});

afterEach(() => vi.useRealTimers());

it("an answer or an error that arrives before the deadline is passed on to the caller", async () => {
  expect(await deadlines.race(Promise.resolve("yes"))).toBe("yes");
  await expect(deadlines.race(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

it("each answer has its own deadline, and an answer after its deadline is ignored", async () => {
  let answer = (_value: string) => {};
  const first = deadlines.race(new Promise<string>((resolve) => (answer = resolve)));
  const firstOutcome = first.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(600);
  const outcomes: unknown[] = [];
  deadlines.race(never()).catch((error: unknown) => outcomes.push(error));
  await vi.advanceTimersByTimeAsync(400);
  expect(await firstOutcome).toBe(late);
  answer("too late");
  await vi.advanceTimersByTimeAsync(599);
  expect(outcomes).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(outcomes).toEqual([late]);
  expect(deadlines.size).toBe(0);
});

it("settled answers are forgotten while others are awaited", async () => {
  const waiting = deadlines.race(never()).catch((error: unknown) => error);
  for (let number = 0; number < 10_000; number += 1) await deadlines.race(Promise.resolve(number));
  expect(deadlines.size).toBeLessThan(500);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await waiting).toBe(late);
  expect(deadlines.size).toBe(0);
});
