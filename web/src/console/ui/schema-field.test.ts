import { expect, it } from "vitest";
import { fieldKind, readField, textOf } from "./schema-field.js";

it("OP15: a field for a number or null is a number field, and is empty if the value is null", () => {
  const field = { anyOf: [{ type: "number" }, { type: "null" }] };
  expect(fieldKind(field)).toBe("number");
  expect(textOf(field, null)).toBe("");
  expect(readField(field, "")).toEqual({});
  expect(readField(field, "60 000")).toEqual({ value: 60_000 });
  expect(readField(field, "much")).toEqual({ error: "must be a number" });
});

it("OP15: a field for a list of strings has one string on each line", () => {
  const field = { type: "array", items: { type: "string" } };
  expect(fieldKind(field)).toBe("lines");
  expect(textOf(field, ["a", "b-*"])).toBe("a\nb-*");
  expect(readField(field, " a \n\nb-*\n")).toEqual({ value: ["a", "b-*"] });
});

it("OP15: a field for any value reads JSON, reads a plain word as a string, and refuses incomplete JSON", () => {
  expect(fieldKind({})).toBe("json");
  expect(readField({}, '{"level": 7}')).toEqual({ value: { level: 7 } });
  expect(readField({}, "{level")).toEqual({ error: "must be JSON" });
  expect(readField({}, "level")).toEqual({ value: "level" });
});
