import fc from "fast-check";
import { expect, it } from "vitest";
import { toIsoTime } from "./iso-time.js";
import { JsonBytes, phrase } from "./json-bytes.js";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom('"', "\\", "\u2028", "é", "漢字", "👩‍👩‍👧", "\ud800", "a\ud800", "\x7f", ""),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 9, 10, 99, 100, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, 0.1, 1e21, 5e-324),
);
const time = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  fc.integer({ min: 1_795_000_000_000, max: 1_797_000_000_000 }),
);
/** Functions that write one piece, and return the expected text. */
const piece = fc.oneof(
  text.map((value) => (json: JsonBytes) => {
    json.text(value);
    return value;
  }),
  text.map((value) => (json: JsonBytes) => {
    json.string(value);
    return JSON.stringify(value);
  }),
  number.map((value) => (json: JsonBytes) => {
    json.number(value);
    return JSON.stringify(value);
  }),
  time.map((value) => (json: JsonBytes) => {
    json.time(value);
    return toIsoTime(value);
  }),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((value) => (json: JsonBytes) => {
    json.reserve(value.length);
    json.phrase(phrase(value));
    return value;
  }),
  text.map((value) => (json: JsonBytes) => {
    const source = Buffer.from(`<${value}>`);
    json.copy(source, 1, source.length - 1);
    return value;
  }),
);

it("writes pieces one after the other, with the expected bytes", () => {
  const json = new JsonBytes();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const expected = pieces.map((write) => Buffer.from(write(json)));
      expect(json.take()).toEqual(Buffer.concat(expected));
    }),
  );
});

it("grows for a long answer, and begins the next answer empty", () => {
  const json = new JsonBytes();
  const long = "0123456789é".repeat(200_000);
  json.number(1);
  json.text(long);
  json.string(long);
  expect(json.take().equals(Buffer.from(`1${long}"${long}"`))).toBe(true);
  json.number(2);
  expect(json.take().toString()).toBe("2");
});

it("begin() discards what was written before a failure", () => {
  const json = new JsonBytes();
  json.number(1);
  expect(() => json.time(Number.NaN)).toThrow(RangeError);
  json.begin();
  json.number(2);
  expect(json.take().toString()).toBe("2");
});
