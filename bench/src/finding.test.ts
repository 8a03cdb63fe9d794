import { describe, expect, it } from "vitest";
import { type Finding, judge } from "./finding.js";

const finding: Finding = {
  id: "B0",
  what: "things a second",
  unit: "/s",
  ours: [90, 80, 70],
  baseline: { name: "a bare thing", values: [100, 100, 100] },
  budget: { bound: "at least", value: 0.8 },
  notes: {},
};

describe("judge", () => {
  it("compares the median of the ratio to the baseline with the budget", () => {
    expect(judge(finding)).toEqual({ compared: { lowest: 0.7, median: 0.8, highest: 0.9 }, isMet: true });
    expect(judge({ ...finding, budget: { bound: "at least", value: 0.81 } }).isMet).toBe(false);
    expect(judge({ ...finding, budget: { bound: "at most", value: 0.8 } }).isMet).toBe(true);
  });

  it("compares the median of the values with the budget if there is no baseline", () => {
    const alone: Finding = { ...finding, baseline: null, budget: { bound: "at most", value: 79 } };
    expect(judge(alone)).toEqual({ compared: { lowest: 70, median: 80, highest: 90 }, isMet: false });
  });
});
