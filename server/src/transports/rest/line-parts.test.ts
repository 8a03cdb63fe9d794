import { describe, expect, it } from "vitest";
import { LineParts, type Part } from "./line-parts.js";

function partsOf(chunks: Buffer[], hasHeader = false): Part[] {
  const parts = new LineParts(hasHeader);
  return [...chunks.flatMap((chunk) => [...parts.take(chunk)]), ...parts.end()];
}

/** The lines of all parts with their line numbers in the body. */
function numbered(parts: Part[]): [number, string][] {
  return parts.flatMap(({ content, lineShift }) =>
    content.split("\n").map((line, at): [number, string] => [at + 1 + lineShift, line]),
  );
}

const KIB = 1_024;

describe("LineParts", () => {
  it("returns the same parts, however the body is split into chunks", () => {
    const body = Buffer.concat([
      Buffer.from('\ufeff\n"ж",🎯\r\n\n  \n{"a": "é"}\n'),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from("last"),
    ]);
    for (const hasHeader of [false, true]) {
      const whole = partsOf([body], hasHeader);
      for (let cut = 0; cut <= body.length; cut += 1) {
        expect(partsOf([body.subarray(0, cut), body.subarray(cut)], hasHeader)).toEqual(whole);
      }
      expect(
        partsOf(
          [...body].map((byte) => Buffer.from([byte])),
          hasHeader,
        ),
      ).toEqual(whole);
    }
  });

  it("ends a part at 1,000 lines or 256 KiB, and numbers lines across parts", () => {
    const lines = [
      ...Array.from({ length: 2_500 }, (_, at) => `short ${at}`),
      ...Array.from({ length: 20 }, (_, at) => `${at}`.repeat(20_000)),
    ];
    const parts = partsOf([Buffer.from(lines.join("\n"))]);
    expect(numbered(parts)).toEqual(lines.map((line, at) => [at + 1, line]));
    expect(parts.map(({ lastLine }) => lastLine)).toEqual([1_000, 2_000, 2_511, 2_517, 2_520]);
    for (const { content } of parts) expect(Buffer.byteLength(content)).toBeLessThanOrEqual(256 * KIB);
  });

  it("repeats the header in each part", () => {
    const lines = Array.from({ length: 2_000 }, (_, at) => `line ${at + 3}`);
    const parts = partsOf([Buffer.from(["", "names", ...lines, ""].join("\n"))], true);
    expect(parts.map(({ content }) => content.split("\n").length)).toEqual([1_001, 1_001, 1]);
    for (const { content, lineShift } of parts) {
      const [header, ...behind] = content.split("\n");
      expect(header).toBe("names");
      expect(behind).toEqual(behind.map((_, at) => `line ${at + 2 + lineShift}`));
    }
  });

  it("skips a line that is over 64 KiB or not UTF-8, and continues with the next", () => {
    const body = Buffer.concat([
      Buffer.from(`first\n${"x".repeat(64 * KIB)}\n${"x".repeat(64 * KIB + 1)}\n`),
      Buffer.from("Z\xfcrich\n", "latin1"),
      Buffer.from("last\n"),
    ]);
    const [part, ...others] = partsOf([body.subarray(0, 100_000), body.subarray(100_000)]);
    expect(others).toEqual([]);
    expect(part!.content.split("\n")).toEqual(["first", "x".repeat(64 * KIB), "", "", "last"]);
    expect(part!.unread.map(({ line, error }) => [line, error.code])).toEqual([
      [3, "payload_too_large"],
      [4, "bad_request"],
    ]);
  });

  it("buffers no more of a line once it is too long", () => {
    const parts = new LineParts(false);
    const chunk = Buffer.alloc(16 * KIB * KIB, "x");
    for (let at = 0; at < 1_000; at += 1) expect([...parts.take(chunk)]).toEqual([]);
    expect([...parts.end()]).toMatchObject([{ content: "", unread: [{ line: 1 }] }]);
  });

  it("ignores the body when its header is invalid", () => {
    expect(() => partsOf([Buffer.from("Z\xfcrich\nmore\n", "latin1")], true)).toThrow("must be UTF-8");
    expect(() => partsOf([Buffer.alloc(70_000, "x"), Buffer.from("\n")], true)).toThrow("65536 bytes");
  });

  it("returns no part for an empty body", () => {
    expect(partsOf([])).toEqual([]);
    expect(partsOf([Buffer.from("\n\n")], true)).toEqual([]);
  });
});
