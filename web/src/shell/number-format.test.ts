import { expect, it } from "vitest";
import { formatNumber } from "./number-format.js";

it("groups thousands and rounds nothing", () => {
  expect([0, 999, 12_480, 100_000, 2 ** 53].map(formatNumber)).toEqual([
    "0",
    "999",
    "12,480",
    "100,000",
    "9,007,199,254,740,992",
  ]);
  expect(formatNumber(-1_500.25)).toBe("-1,500.25");
});
