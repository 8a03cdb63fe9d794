import { expect, it } from "vitest";
import { ago, plural } from "./format.js";

it("OP15: plural() writes a count with the singular or plural of its noun", () => {
  expect([0, 1, 2].map((count) => plural(count, "entry"))).toEqual(["0 entries", "1 entry", "2 entries"]);
  expect(plural(3, "day")).toBe("3 days");
  expect(plural(1_000, "message")).toBe("1,000 messages");
  expect(plural(2, "series", "series")).toBe("2 series");
});

it("OP15: ago() writes a past or future time relative to now, such as '5 min. ago' or 'tomorrow'", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(ago("2026-01-01T11:55:00Z", now)).toBe("5 min. ago");
  expect(ago("2026-01-01T12:00:01Z", now)).toBe("now");
  expect(ago("2026-01-02T13:00:00Z", now)).toBe("tomorrow");
});
