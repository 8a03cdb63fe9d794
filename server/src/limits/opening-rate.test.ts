import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LimitReached } from "./limit-reached.js";
import { OpeningRate } from "./opening-rate.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function attempts(rate: OpeningRate, count: number): (LimitReached | null)[] {
  return Array.from({ length: count }, () => {
    try {
      rate.spend();
      return null;
    } catch (error) {
      return error as LimitReached;
    }
  });
}

it("AU5: the opening rate admits a fixed number of connections a second, and spreads the retries of refused clients", () => {
  const rate = new OpeningRate(100);
  const refused = attempts(rate, 300).filter((error) => error !== null);
  expect(refused).toHaveLength(200);
  expect(refused[0]).toBeInstanceOf(LimitReached);
  const delays = refused.map(({ retryAfterMs }) => retryAfterMs!);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(250);
  expect(Math.max(...delays)).toBeLessThanOrEqual(2_250);
  // The delays are spread over their range: many are below its middle, and many above.
  expect(delays.filter((delay) => delay < 1_250).length).toBeGreaterThan(50);
  expect(delays.filter((delay) => delay > 1_250).length).toBeGreaterThan(50);

  vi.advanceTimersByTime(500);
  expect(attempts(rate, 300).filter((error) => error === null)).toHaveLength(50);
});
