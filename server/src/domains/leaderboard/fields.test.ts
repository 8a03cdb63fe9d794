import { type BoardConfig, boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import type { Where } from "@grandstand/shared/operations/leaderboard/windows";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";

let fixture: DomainFixture;
let boards: LeaderboardModule["operations"];
let board: string;

beforeAll(async () => {
  fixture = await domainFixture();
  boards = leaderboardModule(fixture.dependencies).operations;
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  board = freshId("board");
});

type Metadata = Record<string, string | number | boolean>;

function configure(rules: Partial<BoardConfig> = {}) {
  return boards["leaderboard.configure"]({ board, ...boardConfig.parse(rules) }, serverCall);
}

function submit(member: string, score: number, metadata?: Metadata | null, subscore?: number) {
  return boards["leaderboard.submit"]({ board, member, score, metadata, subscore }, serverCall);
}

async function ranked(where: Where, ranking: "ordinal" | "competition" | "dense" = "ordinal") {
  const input = { board, limit: 500, ranking, where };
  const { entries, total } = await boards["leaderboard.entries"](input, serverCall);
  expect(total).toBe(entries.length);
  return entries.map(({ member, rank }) => `${rank} ${member}`);
}

/**
 * What Redis stores about the field values of a season:
 * - `rankings`: the keys of the rankings. Each value has one ranking.
 * - `counts`: the number of entries of each value, and the number of values of each field.
 */
async function valueKeys(window = "all", season = "all") {
  const { values } = fixture.keys.board(board).season(window, season);
  const { commands } = fixture.redis;
  return { rankings: await commands.keys(`${values}:r:*`), counts: await commands.hgetall(values) };
}

describe("LB10: a board with `fields`", () => {
  it("ranks the entries that have the same value of a field, under each rule", async () => {
    await configure({ fields: ["map", "level"] });
    await submit("ann", 9, { map: "ice", level: 1 });
    await submit("bo", 7, { map: "sand", level: 1 });
    await submit("cy", 7, { map: "ice", level: 2 });
    await submit("di", 7, { map: "ice" });
    await submit("ed", 1, { map: "ice", level: 1 });
    await submit("fi", 8);
    expect(await ranked({ map: "ice" })).toEqual(["1 ann", "2 cy", "3 di", "4 ed"]);
    expect(await ranked({ map: "ice" }, "competition")).toEqual(["1 ann", "2 cy", "2 di", "4 ed"]);
    expect(await ranked({ map: "ice" }, "dense")).toEqual(["1 ann", "2 cy", "2 di", "3 ed"]);
    expect(await ranked({ level: 1 })).toEqual(["1 ann", "2 bo", "3 ed"]);
    expect(await ranked({ map: "lava" })).toEqual([]);
    expect(await ranked({ level: "1" })).toEqual([]);
  });

  it("accepts `where` in every read of entries and in statistics, and a cursor continues with the `where` of its page", async () => {
    await configure({ fields: ["map"] });
    for (let at = 0; at < 10; at += 1) await submit(`m${at}`, -at, { map: at % 2 ? "ice" : "sand" });
    const where = { map: "ice" };
    const choice = { board, ranking: "ordinal" as const, where };
    expect(await boards["leaderboard.entry"]({ ...choice, member: "m3" }, serverCall)).toMatchObject({
      rank: 2,
    });
    const missing = boards["leaderboard.entry"]({ ...choice, member: "m2" }, serverCall);
    await expect(missing).rejects.toMatchObject({ code: "not_found" });
    const around = await boards["leaderboard.around"]({ ...choice, member: "m5", radius: 1 }, serverCall);
    expect(around.entries.map(({ member }) => member)).toEqual(["m3", "m5", "m7"]);
    const score = { score: -4, subscore: 0, radius: 0 };
    expect(await boards["leaderboard.aroundScore"]({ ...choice, ...score }, serverCall)).toMatchObject({
      rank: 3,
    });
    const members = ["m1", "m2", "m9"];
    const lookup = await boards["leaderboard.lookup"]({ ...choice, members }, serverCall);
    expect(lookup.entries.map(({ member, rank }) => [member, rank])).toEqual([
      ["m1", 1],
      ["m9", 5],
    ]);
    expect(lookup.notFound).toEqual(["m2"]);
    expect(await boards["leaderboard.stats"]({ board, where }, serverCall)).toMatchObject({
      count: 5,
      max: -1,
    });
    const first = await boards["leaderboard.entries"]({ ...choice, limit: 3 }, serverCall);
    const next = { board, ranking: "ordinal" as const, limit: 3, cursor: first.nextCursor! };
    const second = await boards["leaderboard.entries"](next, serverCall);
    expect(second.entries.map(({ member, rank }) => [member, rank])).toEqual([
      ["m7", 4],
      ["m9", 5],
    ]);
    const other = boards["leaderboard.entries"]({ ...next, where: { map: "sand" } }, serverCall);
    await expect(other).rejects.toMatchObject({ code: "bad_request", issues: [{ path: "where" }] });
  });

  it("moves an entry between rankings when its metadata changes, and deletes the keys of values without entries", async () => {
    await configure({ fields: ["map"], maxEntries: 3 });
    await submit("ann", 5, { map: "ice" });
    await submit("ann", 4, { map: "sand" });
    expect(await ranked({ map: "ice" })).toEqual(["1 ann"]);
    await submit("ann", 6, { map: "sand" });
    expect([await ranked({ map: "ice" }), await ranked({ map: "sand" })]).toEqual([[], ["1 ann"]]);
    await boards["leaderboard.hide"]({ board, member: "ann" }, serverCall);
    expect(await ranked({ map: "sand" })).toEqual([]);
    await boards["leaderboard.show"]({ board, member: "ann" }, serverCall);
    expect(await ranked({ map: "sand" })).toEqual(["1 ann"]);
    for (const [at, member] of ["bo", "cy", "di"].entries()) await submit(member, 10 + at, { map: "ice" });
    expect([await ranked({ map: "sand" }), await ranked({ map: "ice" })]).toEqual([
      [],
      ["1 di", "2 cy", "3 bo"],
    ]);
    for (const member of ["bo", "cy", "di"])
      await boards["leaderboard.remove"]({ board, member }, serverCall);
    expect(await valueKeys()).toEqual({ rankings: [], counts: {} });
  });

  it("ranks by field value also in closed seasons, and deletes these rankings with their season or board", async () => {
    await configure({ fields: ["map"], windows: ["all", "daily"], retainSeasons: 1 });
    await submit("ann", 5, { map: "ice" });
    const { closed, next } = await boards["leaderboard.close"]({ board, window: "daily" }, serverCall);
    const input = { board, limit: 10, ranking: "ordinal" as const, where: { map: "ice" }, window: "daily" };
    const totalOf = async (season: string) =>
      (await boards["leaderboard.entries"]({ ...input, season }, serverCall)).total;
    expect([await totalOf(closed.season), await totalOf(next.season)]).toEqual([1, 0]);
    await boards["leaderboard.close"]({ board, window: "daily" }, serverCall);
    expect((await valueKeys("daily", closed.season)).rankings).toEqual([]);
    await boards["leaderboard.delete"]({ board }, serverCall);
    expect(await fixture.redis.commands.keys(`*{lb:${board}}*`)).toEqual([]);
  });

  it("refuses a value that would be one more than `maxValuesPerField`, and an object as a value, and changes nothing", async () => {
    await configure({ fields: ["map"], maxValuesPerField: 2 });
    await submit("ann", 1, { map: "a" });
    await submit("bo", 2, { map: "b" });
    const refused = { code: "conflict", issues: [{ path: "metadata.map", rule: "maxValuesPerField" }] };
    await expect(submit("cy", 3, { map: "c" })).rejects.toMatchObject(refused);
    await expect(submit("cy", 3, { map: { a: 1 } as never })).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "metadata.map", rule: "fieldValue" }],
    });
    const set = boards["leaderboard.setMetadata"];
    await submit("bo", 3, { map: "a" });
    await submit("cy", 3, { map: "c" });
    await expect(set({ board, member: "bo", metadata: { map: "d" } }, serverCall)).rejects.toMatchObject(
      refused,
    );
    expect([await ranked({ map: "a" }), await ranked({ map: "c" })]).toEqual([["1 bo", "2 ann"], ["1 cy"]]);
    // When a value loses its last entry, another value may take its place.
    await set({ board, member: "cy", metadata: { map: "d" } }, serverCall);
    expect(await ranked({ map: "d" })).toEqual(["1 cy"]);
    expect((await valueKeys()).counts).toMatchObject({ map: "2" });
  });

  it("refuses to show a hidden member whose value would exceed `maxValuesPerField`, and keeps the member hidden", async () => {
    await configure({ fields: ["map"], maxValuesPerField: 1 });
    await submit("ann", 1, { map: "a" });
    await boards["leaderboard.hide"]({ board, member: "bo" }, serverCall);
    await submit("bo", 2, { map: "b" });
    const show = () => boards["leaderboard.show"]({ board, member: "bo" }, serverCall);
    await expect(show()).rejects.toMatchObject({ issues: [{ rule: "maxValuesPerField" }] });
    expect(await ranked({ map: "b" })).toEqual([]);
    await boards["leaderboard.remove"]({ board, member: "ann" }, serverCall);
    await show();
    expect(await ranked({ map: "b" })).toEqual(["1 bo"]);
  });

  it("does not find a hidden entry without metadata under the value `false`", async () => {
    await configure({ fields: ["vip"] });
    await submit("ann", 9, { vip: false });
    await submit("bo", 8);
    await boards["leaderboard.hide"]({ board, member: "bo" }, serverCall);
    const read = (member: string) =>
      boards["leaderboard.entry"]({ board, member, ranking: "ordinal", where: { vip: false } }, serverCall);
    await expect(read("bo")).rejects.toMatchObject({ code: "not_found" });
    expect(await read("ann")).toMatchObject({ rank: 1 });
  });

  it("accepts 1,000 values of a field by default, and refuses another value", async () => {
    await configure({ fields: ["map"] });
    const scores = Array.from({ length: 1_001 }, (_, at) => ({
      member: `m${at}`,
      score: 1,
      metadata: { map: `${at}` },
    }));
    const { results } = await boards["leaderboard.submitMany"](
      { board, scores: scores.slice(0, 1_000) },
      serverCall,
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    await expect(submit("m1000", 1, { map: "1000" })).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses `where` with a field that is not in `fields`, and a change of `fields` while the board has entries", async () => {
    await configure({ fields: ["map"] });
    await expect(ranked({ level: 1 })).rejects.toMatchObject({
      code: "bad_request",
      issues: [{ path: "where" }],
    });
    await submit("ann", 1, { map: "ice" });
    await expect(configure({ fields: ["map", "level"] })).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "fields" }],
    });
  });

  it("ranks the entries with the same field value in the order of the whole board, after random changes", async () => {
    const member = fc.constantFrom("ann", "bo", "cy", "di");
    const value = fc.constantFrom("a", "b", null);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.constant("submit" as const), member, value, fc.integer({ min: 0, max: 4 })),
      },
      { weight: 2, arbitrary: fc.tuple(fc.constant("set" as const), member, value, fc.constant(0)) },
      {
        weight: 2,
        arbitrary: fc.tuple(fc.constantFrom("hide", "show", "remove"), member, value, fc.constant(0)),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 30 }), async (steps) => {
        board = freshId("board");
        await configure({ fields: ["map"], operator: "last" });
        for (const [kind, member, map, score] of steps) {
          const metadata = map === null ? null : { map };
          if (kind === "submit") await submit(member, score, metadata);
          else {
            const call =
              kind === "set"
                ? boards["leaderboard.setMetadata"]({ board, member, metadata }, serverCall)
                : boards[`leaderboard.${kind as "hide" | "show" | "remove"}`]({ board, member }, serverCall);
            await call.catch((error: { code?: string }) => expect(error.code).toBe("not_found"));
          }
        }
        const whole = { board, limit: 10, ranking: "ordinal" as const };
        const { entries } = await boards["leaderboard.entries"](whole, serverCall);
        for (const map of ["a", "b"]) {
          const expected = entries.filter(({ metadata }) => metadata?.map === map);
          expect(await ranked({ map })).toEqual(expected.map((one, at) => `${at + 1} ${one.member}`));
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("leaderboard.setMetadata", () => {
  it("replaces the metadata in every window, and does not change score, rank and time", async () => {
    await configure({ windows: ["all", "daily"] });
    const { entry } = await submit("ann", 5, { a: 1 });
    await submit("bo", 5);
    const set = (metadata: Metadata | null, member = "ann") =>
      boards["leaderboard.setMetadata"]({ board, member, metadata }, serverCall);
    const read = (window: string) =>
      boards["leaderboard.entry"]({ board, member: "ann", window, ranking: "ordinal" }, serverCall);
    expect(await set({ b: 2 })).toEqual({ metadata: { b: 2 } });
    for (const window of ["all", "daily"])
      expect(await read(window)).toEqual({ ...entry, metadata: { b: 2 } });
    await set(null);
    expect(await read("all")).toEqual({ ...entry, metadata: null });
    await expect(set(null, "cy")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("LB2: `subscoreOrder`", () => {
  const subscores = [3, -1.5, 0, 2, -7];

  it.each([
    ["desc", "reverse", [-7, -1.5, 0, 2, 3]],
    ["desc", "same", [3, 2, 0, -1.5, -7]],
    ["asc", "reverse", [3, 2, 0, -1.5, -7]],
    ["asc", "same", [-7, -1.5, 0, 2, 3]],
  ] as const)(
    "ranks equal scores by subscore on a board with the order `%s` and the subscoreOrder `%s`",
    async (order, subscoreOrder, expected) => {
      await configure({ order, subscoreOrder });
      for (const [at, subscore] of subscores.entries()) await submit(`m${at}`, 1, null, subscore);
      const input = { board, limit: 10, ranking: "dense" as const };
      const { entries } = await boards["leaderboard.entries"](input, serverCall);
      expect(entries.map(({ subscore }) => subscore)).toEqual(expected);
      // With the operator `best`, an equal score with a subscore that ranks higher counts as improved.
      const better = await submit("m2", 1, null, expected[0]);
      expect([better.improved, better.entry.rank]).toEqual([true, 2]);
      expect((await submit("m2", 1, null, expected[4])).improved).toBe(false);
    },
  );

  it("can't change while the board has entries", async () => {
    await configure();
    await submit("ann", 1);
    await expect(configure({ subscoreOrder: "reverse" })).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "subscoreOrder" }],
    });
  });
});
