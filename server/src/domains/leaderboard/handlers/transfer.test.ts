import { memberId } from "@grandstand/shared/ids";
import { type BoardConfig, boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import { holdsExactNumbers, isExact } from "@grandstand/shared/operations/leaderboard/entry";
import type { ImportReport, TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import { hasSafeDirection, isEmptyOrVisible } from "@grandstand/shared/visible-text";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../../test/support/domain.js";
import { freshId } from "../../../../test/support/names.js";
import { idempotencyOf } from "../../../redis/idempotency.js";
import { type LeaderboardModule, leaderboardModule } from "../module.js";

let fixture: DomainFixture;
let boards: LeaderboardModule["operations"];
let board: string;

beforeAll(async () => {
  fixture = await domainFixture();
  boards = leaderboardModule(fixture.dependencies).operations;
});

afterAll(() => fixture.redis.close());

beforeEach(async () => {
  board = await newBoard();
});

async function newBoard(rules: Partial<BoardConfig> = {}): Promise<string> {
  const name = freshId("board");
  await boards["leaderboard.configure"]({ board: name, ...boardConfig.parse({}), ...rules }, serverCall);
  return name;
}

function importLines(content: string, format: TransferFormat = "ndjson", into = board, call = serverCall) {
  return boards["leaderboard.import"]({ board: into, format, content }, call);
}

async function exported(from: string, format: TransferFormat, limit = 7): Promise<string> {
  let content = "";
  let cursor: string | null = null;
  do {
    const input = { board: from, format, limit, ...(cursor !== null && { cursor }) };
    const page = await boards["leaderboard.export"](input, serverCall);
    content += page.content;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return content;
}

const entry = (fields: object) => JSON.stringify({ member: "ann", score: 1, ...fields });

function csv(...rows: string[]): string {
  return ["member,score,subscore,reachedAt,metadata", ...rows].join("\n");
}

/** The refused lines: number, member, error code, and `path:rule` for each broken rule. */
function refusalsIn({ refusals }: ImportReport) {
  return refusals.map(({ line, member, error }) => [
    line,
    member,
    error.code,
    ...(error.issues ?? []).map(({ path, rule }) => `${path}:${rule}`),
  ]);
}

describe("an export", () => {
  const member = fc.oneof(
    fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((id) => memberId.safeParse(id).success),
    fc.constantFrom("007", "1e3", "null", "true", '"', 'a,"b"', "=1+1", " ж ", "\ufeffx", "member", "🎯"),
  );
  const text = fc.string({ unit: "grapheme", maxLength: 10 });
  const name = text.filter((given) => isEmptyOrVisible(given) && hasSafeDirection(given));
  const row = fc.record(
    {
      member: member.filter((id) => id !== "." && id !== ".."),
      score: fc.oneof(
        fc.integer({ min: -2, max: 2 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isExact),
      ),
      subscore: fc.integer({ min: -1, max: 1 }),
      reachedAt: fc
        .date({ min: new Date(0), max: new Date("2026-01-01"), noInvalidDate: true })
        .map((at) => at.toISOString()),
      profile: fc.record({ name, avatar: fc.option(text) }),
      metadata: fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        fc.jsonValue({ maxDepth: 2 }).filter(holdsExactNumbers),
        {
          maxKeys: 3,
        },
      ),
    },
    { requiredKeys: ["member", "score"] },
  );

  it.each(["ndjson", "csv"] as const)(
    "LB2: gives a board that imports the export the same entries, ranks and times in the same order: %s",
    async (format) => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(row, { selector: (one) => one.member, minLength: 1, maxLength: 30 }),
          fc.constantFrom("desc" as const, "asc" as const),
          async (rows, order) => {
            const [from, to] = [await newBoard({ order }), await newBoard({ order, operator: "best" })];
            const content = rows.map((one) => JSON.stringify(one)).join("\n");
            expect(await importLines(content, "ndjson", from)).toMatchObject({ imported: rows.length });
            const copy = await exported(from, format);
            expect(await importLines(copy, format, to)).toMatchObject({ imported: rows.length, refused: 0 });
            expect(await exported(to, format)).toBe(copy);
            expect(await exported(to, "ndjson", 500)).toBe(await exported(from, "ndjson"));
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it("has the names of columns only in the first line of a CSV, also for an empty board", async () => {
    expect(await exported(board, "csv")).toBe("rank,member,score,subscore,reachedAt,profile,metadata\n");
    await importLines(Array.from({ length: 20 }, (_, at) => entry({ member: `m${at}` })).join("\n"));
    expect((await exported(board, "csv", 3)).match(/rank/g)).toHaveLength(1);
    expect((await exported(board, "csv", 3)).split("\n")).toHaveLength(22);
  });

  it("does not contain hidden members", async () => {
    await importLines(`${entry({})}\n${entry({ member: "bo" })}`);
    await boards["leaderboard.hide"]({ board, member: "ann" }, serverCall);
    expect(await exported(board, "csv")).not.toContain("ann");
    expect(await exported(board, "csv")).toContain("bo");
  });

  it("with `safe`, escapes the cells of a CSV that would begin a formula, and leaves NDJSON as it is", async () => {
    const members = ["=1+1", "+1", "-1", "@a", "a=1"];
    await importLines(members.map((member, at) => entry({ member, score: -at })).join("\n"));
    const safe = async (format: TransferFormat) =>
      (await boards["leaderboard.export"]({ board, format, limit: 10, safe: true }, serverCall)).content;
    const cells = (await safe("csv"))
      .trim()
      .split("\n")
      .map((line) => line.split(",").slice(1, 3));
    expect(cells.slice(1)).toEqual([
      ["'=1+1", "0"],
      ["'+1", "-1"],
      ["'-1", "-2"],
      ["'@a", "-3"],
      ["a=1", "-4"],
    ]);
    expect(JSON.parse((await safe("ndjson")).split("\n")[0]!).member).toBe("=1+1");
  });
});

describe("an import", () => {
  it("LB8: reports each refused line with its number and rule; NaN and infinities are `bad_request`", async () => {
    board = await newBoard({ min: 0, max: 10 });
    const report = await importLines(
      [
        entry({}),
        "{",
        entry({ member: "bo", colour: "red" }),
        entry({ member: "cy", score: 11 }),
        "",
        '{"member":"di","score":NaN}',
        '{"member":"ed","score":1e999}',
        entry({ member: "fi", score: -1, subscore: "1" }),
        entry({ member: "ge", score: -1 }),
        entry({ member: "a\nb" }),
        "[]",
        "null",
        entry({ member: "hu", reachedAt: "1969-12-31T23:59:59Z" }),
        entry({ member: "io", metadata: { text: "é".repeat(1_100) } }),
        entry({ member: "jo", score: 10 }),
        entry({ member: "ky", reachedAt: "2099-01-01T00:00:00Z" }),
      ].join("\r\n"),
    );
    expect(report).toMatchObject({ lines: 15, imported: 2, refused: 13 });
    expect(refusalsIn(report)).toEqual([
      [2, null, "bad_request", ":format"],
      [3, "bo", "bad_request", "colour:unknown"],
      [4, "cy", "conflict", "score:max"],
      [6, null, "bad_request", ":format"],
      [7, "ed", "bad_request", "score:type"],
      [8, "fi", "bad_request", "subscore:type"],
      [9, "ge", "conflict", "score:min"],
      [10, null, "bad_request", "member:format"],
      [11, null, "bad_request", ":type"],
      [12, null, "bad_request", ":type"],
      [13, "hu", "bad_request", "reachedAt:custom"],
      [14, "io", "bad_request", "metadata:custom"],
      [16, "ky", "bad_request", "reachedAt:custom"],
    ]);
    expect(report.refusals[1]!.error.message).toBe("colour is not a known field");
    expect((await exported(board, "csv")).match(/ann|jo/g)).toEqual(["jo", "ann"]);
  });

  it.each(["ndjson", "csv"] as const)("LB2: refuses integers that are not exact: %s", async (format) => {
    const lines = {
      ndjson: [
        '{"member":"ann","score":9007199254740993}',
        '{"member":"bo","score":1,"metadata":{"id":12345678901234567}}',
      ],
      csv: ["member,score,metadata", "ann,9007199254740993,", 'bo,1,"{""id"":12345678901234567}"'],
    };
    const report = await importLines(lines[format].join("\n"), format);
    expect(report.refusals.map(({ member, error }) => [member, error.issues?.[0]])).toMatchObject([
      ["ann", { path: "score", rule: "exact" }],
      ["bo", { path: "metadata", rule: "exact" }],
    ]);
  });

  it("AU6: ignores `__proto__`, and refuses JSON with more than 32 levels", async () => {
    const deep = `{"a":${"[".repeat(32)}1${"]".repeat(32)}}`;
    const report = await importLines(
      [
        '{"member":"ann","score":1,"__proto__":{"score":9},"metadata":{"a":1,"__proto__":{"b":2}}}',
        `{"member":"bo","score":1,"metadata":${deep}}`,
      ].join("\n"),
    );
    expect(refusalsIn(report)).toEqual([[2, "bo", "bad_request", ":depth"]]);
    expect(JSON.parse(await exported(board, "ndjson")).metadata).toEqual({ a: 1 });
    expect(await exported(board, "ndjson")).not.toContain("__proto__");
  });

  it("reads the columns of a CSV in any order, takes an empty cell as absent, and reads a member such as `007` as text", async () => {
    const header = "metadata,score,rank,member";
    const content = `\ufeff\r\n${header}\r\n,5,99,007\r\n"{""a"":1}",4,,1e3\r\n,3,,true\r\n`;
    expect(await importLines(content, "csv")).toMatchObject({ lines: 3, imported: 3 });
    const lines = (await exported(board, "ndjson")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { member: "007", score: 5, rank: 1, metadata: null },
      { member: "1e3", score: 4, metadata: { a: 1 } },
      { member: "true", score: 3 },
    ]);
  });

  it("reports refused lines of a CSV by number, and an unclosed quote affects only its own line", async () => {
    const report = await importLines(
      csv(
        "ann,1,,,",
        "bo,1",
        'c"y,1,,,',
        '"di,1,,,',
        "ed,1,,,",
        ",1,,,",
        "fi,x,,,",
        "ge,,,,",
        "hu,1,,,{",
        "io,01,,,",
      ),
      "csv",
    );
    expect(refusalsIn(report)).toEqual([
      [3, null, "bad_request", ":format"],
      [4, null, "bad_request", ":format"],
      [5, null, "bad_request", ":format"],
      [7, null, "bad_request", "member:type"],
      [8, "fi", "bad_request", "score:type"],
      [9, "ge", "bad_request", "score:type"],
      [10, "hu", "bad_request", "metadata:custom"],
      [11, "io", "bad_request", "score:type"],
    ]);
    expect(report).toMatchObject({ lines: 10, imported: 2 });
  });

  it("reads each line of a CSV on its own, even if the line has a carriage return or an unclosed quote", async () => {
    const report = await importLines(csv("a\rb,1,,,", '"bo,1,,,', "cy,1,,,", 'di",1,,,', "ed,1,,,"), "csv");
    expect(refusalsIn(report)).toEqual([
      [2, null, "bad_request", "member:format"],
      [3, null, "bad_request", ":format"],
      [5, null, "bad_request", ":format"],
    ]);
    expect(report).toMatchObject({ lines: 5, imported: 2 });
  });

  it.each(["ann,5\nbo,4", "member,colour\nann,red", "member,score,score\nann,1,2", '"member'])(
    "refuses a CSV whose first line is not a valid list of columns: %j",
    async (content) => {
      await expect(importLines(content, "csv")).rejects.toMatchObject({
        code: "bad_request",
        issues: [{ path: "content", rule: "header" }],
      });
      expect(await exported(board, "ndjson")).toBe("");
    },
  );

  it.each([
    ["semicolons", "member;score\nann;5"],
    ["tabs", "member\tscore\nann\t5"],
    ["a line `sep=;`", "sep=;\r\nmember;score\r\nann;5"],
    ["a line `sep=|`", "\ufeffsep=|\nmember|score\nann|5"],
    ["upper-case names of columns", "MEMBER, Score\nann,5"],
  ])("reads a CSV with %s", async (_, content) => {
    expect(await importLines(content, "csv")).toMatchObject({ lines: 1, imported: 1 });
    expect(JSON.parse(await exported(board, "ndjson"))).toMatchObject({ member: "ann", score: 5 });
  });

  it("reports unknown columns, and refuses or ignores them as `unknownColumns` says", async () => {
    const content = 'member,score,colour,Size\nann,5,red,"a\nb"';
    await expect(importLines(content, "csv")).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("unknown columns: colour, Size"),
      issues: [{ path: "content", rule: "unknown" }],
    });
    const ignore = { board, unknownColumns: "ignore" as const };
    const report = await boards["leaderboard.import"]({ ...ignore, format: "csv", content }, serverCall);
    expect(report).toMatchObject({ lines: 1, imported: 1, ignoredColumns: ["colour", "Size"] });
    const line = entry({ member: "bo", colour: "red" });
    const lines = await boards["leaderboard.import"](
      { ...ignore, format: "ndjson", content: line },
      serverCall,
    );
    expect(lines).toMatchObject({ imported: 1, ignoredColumns: ["colour"] });
  });

  it("reads line breaks inside quotes of a CSV", async () => {
    const report = await importLines(
      csv('ann,1,,,"{', '""a"": 1,', "", '""b"": 2}"', "bo,2,,,", "c,x,,,", '"di,3,,,', "ed,4,,,"),
      "csv",
    );
    expect(refusalsIn(report).map(([line, member]) => [line, member])).toEqual([
      [7, "c"],
      [8, null],
    ]);
    const lines = (await exported(board, "ndjson")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { member: "ed" },
      { member: "bo" },
      { member: "ann", metadata: { a: 1, b: 2 } },
    ]);
  });

  it("replaces score and metadata even with the operator `sum`, and keeps the profile if the line has none", async () => {
    board = await newBoard({ operator: "sum" });
    const profile = { name: "Ann", avatar: null };
    await importLines(entry({ score: 9, subscore: 2, metadata: { a: 1 }, profile }));
    await importLines(entry({ score: 3 }));
    expect(JSON.parse(await exported(board, "ndjson"))).toMatchObject({
      score: 3,
      subscore: 0,
      metadata: null,
      profile,
    });
  });

  it("gives a member that is in two lines, more than 100 lines apart, the profile of the later line", async () => {
    const lines = Array.from({ length: 102 }, (_, at) => entry({ member: `m${at}` }));
    const named = (name: string) => entry({ profile: { name, avatar: null } });
    const content = [named("Ann"), ...lines, named("Ann Lee")].join("\n");
    const call = { ...serverCall, idempotency: idempotencyOf("test", "leaderboard.import", "key", content) };
    await importLines(content, "ndjson", board, call);
    await fixture.dependencies.profiles.load(["ann"]);
    expect(fixture.dependencies.profiles.of("ann")).toEqual({ name: "Ann Lee", avatar: null });
  });

  it("LB7: writes to the named window, by default to the first window, also on a node that has not cached the board", async () => {
    board = await newBoard({ windows: ["weekly", "all"] });
    const elsewhere = leaderboardModule(fixture.dependencies).operations;
    const input = { board, format: "ndjson" as const };
    await elsewhere["leaderboard.import"]({ ...input, content: entry({}) }, serverCall);
    await boards["leaderboard.import"](
      { ...input, window: "all", content: entry({ member: "bo" }) },
      serverCall,
    );
    const membersIn = async (window: string) => {
      const { content } = await boards["leaderboard.export"]({ ...input, window, limit: 10 }, serverCall);
      return content
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).member);
    };
    expect([await membersIn("weekly"), await membersIn("all")]).toEqual([["ann"], ["bo"]]);
  });

  it("is `not_found` for an unknown board or window, even without lines", async () => {
    await expect(importLines("", "ndjson", "nowhere")).rejects.toMatchObject({ code: "not_found" });
    const monthly = { board, format: "csv" as const, window: "monthly", content: "" };
    await expect(boards["leaderboard.import"](monthly, serverCall)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await importLines("")).toEqual({ lines: 0, imported: 0, refused: 0, refusals: [] });
  });

  it("accepts 1,000 lines, and refuses more", async () => {
    const lines = Array.from({ length: 1_000 }, (_, at) => entry({ member: `m${at}` }));
    expect(await importLines(lines.join("\n\n"))).toMatchObject({ imported: 1_000 });
    await expect(importLines([...lines, entry({})].join("\n"))).rejects.toMatchObject({
      code: "bad_request",
      issues: [{ path: "content", rule: "max" }],
    });
  });

  it("T9: a repeat with the same idempotency key has no second effect and gets the first answer", async () => {
    board = await newBoard({ max: 5 });
    const content = Array.from({ length: 250 }, (_, at) => entry({ member: `m${at}`, score: at % 7 })).join(
      "\n",
    );
    const call = { ...serverCall, idempotency: idempotencyOf("test", "leaderboard.import", "key", content) };
    const first = await importLines(content, "ndjson", board, call);
    expect(first.refused).toBe(35);
    await importLines(entry({ member: "m1", score: 4 }));
    expect(await importLines(content, "ndjson", board, call)).toEqual(first);
    expect(await exported(board, "ndjson")).toContain('"member":"m1","score":4');
    const other = { ...serverCall, idempotency: idempotencyOf("test", "leaderboard.import", "key", "other") };
    await expect(importLines(content, "ndjson", board, other)).rejects.toMatchObject({ code: "conflict" });
  });
});
