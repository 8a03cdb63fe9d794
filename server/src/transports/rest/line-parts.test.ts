import { describe, expect, it } from "vitest";
import { BodyEncoding } from "./body-encoding.js";
import { LineParts, type Part } from "./line-parts.js";

function partsOf(chunks: Buffer[], hasHeader = false): Part[] {
  const parts = new LineParts(hasHeader);
  return [...chunks.flatMap((chunk) => [...parts.take(chunk)]), ...parts.end()];
}

/** The lines of all parts, each with its number in the whole body. */
function numbered(parts: Part[]): [number, string][] {
  return parts.flatMap(({ content, lineShift }) =>
    content.split("\n").map((line, at): [number, string] => [at + 1 + lineShift, line]),
  );
}

const KIB = 1_024;

describe("LineParts", () => {
  it("gives the same parts wherever the body is cut in two, and when it arrives byte by byte", () => {
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

  it("cuts after 1,000 lines or 256 KiB, and numbers lines by their place in the whole body", () => {
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

  it("repeats a `sep=` line with the header, and counts it in line numbers", () => {
    const lines = Array.from({ length: 1_500 }, (_, at) => `line ${at + 3}`);
    const parts = partsOf([Buffer.from(["sep=;", "names", ...lines].join("\n"))], true);
    expect(parts).toHaveLength(2);
    for (const { content, lineShift } of parts) {
      const [separator, header, ...behind] = content.split("\n");
      expect([separator, header]).toEqual(["sep=;", "names"]);
      expect(behind).toEqual(behind.map((_, at) => `line ${at + 3 + lineShift}`));
    }
  });

  it("does not cut a CSV inside quotes, unless the quotes stay open for too many lines", () => {
    const lines = Array.from({ length: 2_000 }, (_, at) =>
      at === 998 ? 'a,"b' : at === 1_001 ? 'c"' : `l${at}`,
    );
    const parts = partsOf([Buffer.from(["names", ...lines].join("\n"))], true);
    expect(parts.map(({ lastLine }) => lastLine)).toEqual([999, 1_999, 2_001]);
    expect(parts[1]!.content.split("\n").slice(1, 5)).toEqual(['a,"b', "l999", "l1000", 'c"']);
    expect(parts.flatMap(({ content }) => content.split("\n").slice(1))).toEqual(lines);
    const unclosed = lines.with(10, '"x');
    const others = partsOf([Buffer.from(["names", ...unclosed].join("\n"))], true);
    expect(others.length).toBeGreaterThan(1);
    expect(others.flatMap(({ content }) => content.split("\n").slice(1))).toEqual(unclosed);
  });

  it("gives the lines after a missing closing quote at the end of the body", () => {
    const lines = ["a,1", 'b"x,2', "c,3"];
    const parts = partsOf([Buffer.from(["member,score", ...lines, ""].join("\n"))], true);
    expect(parts.map(({ content }) => content.split("\n").slice(1))).toEqual([lines]);
    expect(parts[0]!.lastLine).toBe(4);
  });

  it("leaves out a line that is over 64 KiB or not UTF-8, and continues with the next line", () => {
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

  it("reads past a line of 15 GiB without keeping it in memory", () => {
    const parts = new LineParts(false);
    const chunk = Buffer.alloc(16 * KIB * KIB, "x");
    for (let at = 0; at < 1_000; at += 1) expect([...parts.take(chunk)]).toEqual([]);
    expect([...parts.end()]).toMatchObject([{ content: "", unread: [{ line: 1 }] }]);
  });

  it("throws when the header can't be read", () => {
    expect(() => partsOf([Buffer.from("Z\xfcrich\nmore\n", "latin1")], true)).toThrow("must be UTF-8");
    expect(() => partsOf([Buffer.alloc(70_000, "x"), Buffer.from("\n")], true)).toThrow("65536 bytes");
  });

  it("gives no parts for an empty body, or for blank lines where a header is expected", () => {
    expect(partsOf([])).toEqual([]);
    expect(partsOf([Buffer.from("\n\n")], true)).toEqual([]);
  });
});

describe("BodyEncoding", () => {
  const text = "member;score\r\nä🎯;1\r\n";
  const le = Buffer.from(`\ufeff${text}`, "utf16le");

  it.each([
    ["UTF-16 LE", le, text],
    ["UTF-16 BE", Buffer.from(le).swap16(), text],
    ["UTF-8", Buffer.from(`\ufeff${text}`), `\ufeff${text}`],
    ["a body of one byte", Buffer.from("a"), "a"],
    ["an empty body", Buffer.alloc(0), ""],
  ])("turns %s into UTF-8, wherever the body is cut", (_, body, expected) => {
    for (let cut = 0; cut <= body.length; cut += 1) {
      const encoding = new BodyEncoding();
      const chunks = [body.subarray(0, cut), body.subarray(cut)].map((chunk) => encoding.toUtf8(chunk));
      expect(Buffer.concat([...chunks, encoding.end()]).toString()).toBe(expected);
    }
  });
});
