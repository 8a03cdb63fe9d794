import { describe, expect, it } from "vitest";
import { median, percentile, ratioOf, spreadOf } from "./statistics.js";

it("percentile returns the value that the given share of values does not exceed", () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 51, 100, 100]);
});

describe("median", () => {
  it("returns the middle value of an odd number of values, in any order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("returns the mean of the two middle values of an even number of values", () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it("does not change its input", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("throws for an empty list", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("spreadOf", () => {
  it("returns the lowest value, the median and the highest value", () => {
    expect(spreadOf([3, 10, 1, 2])).toEqual({ lowest: 1, median: 2.5, highest: 10 });
  });
});

describe("ratioOf", () => {
  it("divides the medians, so that one disturbed round does not count", () => {
    expect(ratioOf([80, 80, 8], [100, 100, 100]).median).toBe(0.8);
  });

  it("takes its spread from the ratios of single rounds, so that a slower machine does not widen the spread", () => {
    expect(ratioOf([80, 40, 20], [100, 50, 25])).toEqual({ lowest: 0.8, median: 0.8, highest: 0.8 });
  });

  it("throws if a round lacks one side", () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
  });
});
