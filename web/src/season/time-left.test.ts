import { expect, it } from "vitest";
import { formatTimeLeft } from "./time-left.js";

it.each([
  ["2 d 4 h", ((2 * 24 + 4) * 60 + 59) * 60_000],
  ["1 d", 24 * 3_600_000],
  ["3 h 12 min", (3 * 60 + 12) * 60_000 + 59_999],
  ["1 h", 3_600_000],
  ["12 min", 12 * 60_000],
  ["59 s", 58_001],
  ["1 s", 1],
  ["0 s", 0],
  ["0 s", -5_000],
])("writes '%s' when %i ms are left", (text, leftMs) => {
  expect(formatTimeLeft(leftMs)).toBe(text);
});
