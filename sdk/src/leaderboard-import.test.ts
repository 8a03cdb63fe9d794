import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ImportPart, partsOf } from "./leaderboard-import.js";
import { TestNode } from "./testing/test-node.js";

async function cut(content: Parameters<typeof partsOf>[0], format: "ndjson" | "csv" = "ndjson") {
  const parts: ImportPart[] = [];
  const tooLong: number[] = [];
  for await (const part of partsOf(content, format, (line) => tooLong.push(line))) parts.push(part);
  return { parts, tooLong };
}

describe("partsOf", () => {
  it("keeps the order and the number of each line that is not blank, for a text and for a list of lines", async () => {
    const text = fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", " "));
    const lines = fc.array(fc.oneof(text, fc.constant("")), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (all, isOneText) => {
        const content = isOneText ? all.join("\n") : all;
        const { parts } = await cut(content);
        const seen = parts.flatMap(({ content: part, lineNumbers }) => {
          const texts = part.split("\n").slice(0, -1);
          expect(texts).toHaveLength(lineNumbers.length);
          return texts.map((line, at) => [lineNumbers[at], line]);
        });
        const expected = all.map((line, at) => [at + 1, line] as const);
        expect(seen).toEqual(expected.filter(([, line]) => line.trim() !== ""));
      }),
    );
  });

  it("splits at the largest number of lines of one call, and repeats the first line of a CSV in each part", async () => {
    const entries = Array.from({ length: 2 * limits.linesPerImport + 1 }, (_, at) => `m${at},${at}`);
    const { parts } = await cut(["member,score", "", ...entries], "csv");
    expect(parts.map(({ lineNumbers }) => [lineNumbers.length, lineNumbers[0], lineNumbers[1]])).toEqual([
      [1_001, 1, 3],
      [1_001, 1, 1_003],
      [2, 1, 2_003],
    ]);
    expect(parts.every(({ content }) => content.startsWith("member,score\nm"))).toBe(true);
  });

  it("splits content so that each part, as JSON, is smaller than one call may be", async () => {
    const line = JSON.stringify({ member: "é".repeat(50), score: 1, metadata: { quotes: '"'.repeat(800) } });
    const { parts } = await cut(Array.from({ length: 900 }, () => line));
    expect(parts.length).toBeGreaterThan(1);
    for (const { content } of parts) {
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(limits.batchBodyBytes - 4_096);
    }
  });

  it("reports a line that is too long for any call, and leaves it out", async () => {
    const { parts, tooLong } = await cut(["one", "x".repeat(limits.batchBodyBytes), "three"]);
    expect(parts).toEqual([{ content: "one\nthree\n", lineNumbers: [1, 3] }]);
    expect(tooLong).toEqual([2]);
  });

  it("makes one part of empty content", async () => {
    const empty = { content: "", lineNumbers: [] };
    expect((await cut("")).parts).toEqual([empty]);
    expect((await cut(["", " \n"])).parts).toEqual([empty]);
    expect((await cut("", "csv")).parts).toEqual([empty]);
    expect((await cut("member,score\n", "csv")).parts).toEqual([
      { content: "member,score\n", lineNumbers: [1] },
    ]);
  });
});

describe("import()", () => {
  let node: TestNode;
  beforeEach(async () => {
    node = await TestNode.start();
  });
  afterEach(() => node.stop());

  it("adds up the reports of the parts, with line numbers of the whole content", async () => {
    const error = { code: "bad_request", message: "No" };
    node.reply("leaderboard.import", ({ content }) => {
      const lines = String(content).split("\n").length - 2;
      return {
        lines,
        imported: lines - 1,
        refused: 1,
        refusals: [{ line: 2, member: "m", error }],
      };
    });
    async function* pages() {
      yield "member,score\n";
      for (let at = 0; at < 1_500; at += 2) yield `m${at},1\nm${at + 1},1\n`;
    }
    const board = node.connect().leaderboard("arcade");
    expect(await board.import(pages(), { format: "csv", window: "daily" })).toEqual({
      lines: 1_500,
      imported: 1_498,
      refused: 2,
      refusals: [
        { line: 2, member: "m", error },
        { line: 1_002, member: "m", error },
      ],
    });
    const [first, second] = node.inputsOf("leaderboard.import");
    expect(first).toMatchObject({ board: "arcade", format: "csv", window: "daily" });
    expect(first?.idempotencyKey).not.toBe(second?.idempotencyKey);
  });

  it("refuses a line that is too long for any call, without sending it", async () => {
    node.reply("leaderboard.import", () => ({ lines: 1, imported: 1, refused: 0, refusals: [] }));
    const report = await node
      .connect()
      .leaderboard("arcade")
      .import(`{}\n${"x".repeat(limits.batchBodyBytes)}\n`);
    expect(report).toMatchObject({ lines: 2, imported: 1, refused: 1 });
    expect(report.refusals).toMatchObject([{ line: 2, member: null, error: { code: "payload_too_large" } }]);
  });

  it("starts to iterate at once, so that no line of Node's readline is lost", async () => {
    node.reply("leaderboard.import", () => ({ lines: 1, imported: 1, refused: 0, refusals: [] }));
    let isIterated = false;
    const content = {
      async *[Symbol.asyncIterator]() {
        yield "{}";
      },
    };
    const watched = {
      [Symbol.asyncIterator]: () => {
        isIterated = true;
        return content[Symbol.asyncIterator]();
      },
    };
    const report = node.connect().leaderboard("arcade").import(watched);
    expect(isIterated).toBe(true);
    expect(await report).toMatchObject({ imported: 1 });
    expect(node.inputsOf("leaderboard.import")).toMatchObject([{ content: "{}\n" }]);
  });

  it("sends empty content too, so that the server can refuse the import", async () => {
    const nothing: ImportReport = { lines: 0, imported: 0, refused: 0, refusals: [] };
    node.reply("leaderboard.import", () => nothing);
    const board = node.connect().leaderboard("arcade");
    expect(await board.import("member,score\n", { format: "csv" })).toEqual(nothing);
    expect(await board.import([])).toEqual(nothing);
    expect(node.inputsOf("leaderboard.import")).toMatchObject([
      { content: "member,score\n" },
      { content: "" },
    ]);
    node.reply("leaderboard.import", () => {
      throw new GrandstandError("not_found", "No such board");
    });
    await expect(board.import("")).rejects.toMatchObject({ code: "not_found" });
  });
});
