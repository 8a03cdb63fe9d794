import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pause } from "./pause.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("rejects at once if the signal is aborted already, and starts no timer", async () => {
  await expect(pause(1_000, AbortSignal.abort("left"))).rejects.toBe("left");
  expect(vi.getTimerCount()).toBe(0);
});

it("rejects when the signal is aborted during the wait, and stops the timer", async () => {
  const controller = new AbortController();
  const waiting = pause(1_000, controller.signal);
  controller.abort("left");
  await expect(waiting).rejects.toBe("left");
  expect(vi.getTimerCount()).toBe(0);
});

it("ends after the given time", async () => {
  const waiting = pause(1_000, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(1_000);
  await waiting;
});
