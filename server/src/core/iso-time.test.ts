import fc from "fast-check";
import { expect, it } from "vitest";
import { toIsoTime } from "./iso-time.js";

it("toIsoTime formats any time as Date does, whatever it formatted before", () => {
  const time = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
  const near = fc.integer({ min: 1_795_000_000_000, max: 1_797_000_000_000 });
  fc.assert(
    fc.property(fc.array(fc.oneof(time, near), { minLength: 1, maxLength: 20 }), (times) => {
      for (const ms of [...times, ...times]) expect(toIsoTime(String(ms))).toBe(new Date(ms).toISOString());
    }),
  );
});

it("toIsoTime throws a RangeError for a value that is no time", () => {
  expect(() => toIsoTime(undefined)).toThrow(RangeError);
  expect(() => toIsoTime("x")).toThrow(RangeError);
});
