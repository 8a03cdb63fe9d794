import { contract, type OperationName } from "@grandstand/shared/contract";
import { type Board, type BoardConfig, boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import { isCluster } from "../../../test/support/redis-client.js";
import { validate } from "../../core/validation.js";
import { idempotencyOf } from "../../redis/idempotency.js";
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

const ranking = "ordinal" as const;
const plainRules: BoardConfig = boardConfig.parse({});

function configure(rules: Partial<BoardConfig> = {}): Promise<Board> {
  return boards["leaderboard.configure"]({ board, ...plainRules, ...rules }, serverCall);
}

function submit(member: string, score: number, more: object = {}) {
  return boards["leaderboard.submit"]({ board, member, score, ...more }, serverCall);
}

async function fill(count: number): Promise<void> {
  const scores = Array.from({ length: count }, (_, at) => ({ member: `m${at}`, score: at % 10 }));
  await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
}

async function page(more: { cursor?: string | undefined; limit?: number; offset?: number }) {
  return boards["leaderboard.entries"]({ board, limit: 10, ranking, ...more }, serverCall);
}

describe("configure", () => {
  it("LB1: changes only the rules that are given, and null removes a bound", async () => {
    expect(await configure({ min: 0, max: 10, maxDelta: 5, minIntervalMs: 50 })).toMatchObject({
      board,
      order: "desc",
      operator: "best",
      windows: ["all"],
      submit: "server",
      min: 0,
      max: 10,
      maxDelta: 5,
      minIntervalMs: 50,
      total: 0,
    });
    const change = (rules: object) => boards["leaderboard.configure"]({ board, ...rules }, serverCall);
    const { updatedAt, ...before } = await change({});
    expect(before).toMatchObject({ min: 0, max: 10, maxDelta: 5, minIntervalMs: 50 });
    const { updatedAt: _, ...after } = await change({ operator: "sum", max: 20, maxDelta: null });
    expect(after).toEqual({ ...before, operator: "sum", max: 20, maxDelta: null });
    await expect(change({ min: 21 })).rejects.toMatchObject({ code: "conflict", issues: [{ path: "min" }] });
  });

  it("LB1: keeps windows, timezone, order and fields that are not given", async () => {
    const rules = {
      order: "asc",
      windows: ["weekly", "all"],
      timezone: "Asia/Tokyo",
      fields: ["map"],
    } as const;
    const first = await configure({ ...rules, windows: [...rules.windows], fields: [...rules.fields] });
    await submit("ann", 1);
    const changed = await boards["leaderboard.configure"]({ board, submit: "member" }, serverCall);
    expect({ ...changed, updatedAt: "" }).toEqual({ ...first, submit: "member", total: 1, updatedAt: "" });
    // A board that is created again has the defaults, not the rules of the deleted one.
    await boards["leaderboard.delete"]({ board }, serverCall);
    const again = await boards["leaderboard.configure"]({ board }, serverCall);
    expect(again).toMatchObject({
      order: "desc",
      windows: ["all"],
      timezone: "UTC",
      fields: [],
      submit: "server",
    });
  });

  it("refuses another order while the board has entries, and changes nothing", async () => {
    await configure();
    await submit("ann", 1);
    await expect(configure({ order: "asc", max: 3 })).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "order" }],
    });
    expect(await boards["leaderboard.get"]({ board }, serverCall)).toMatchObject({
      order: "desc",
      max: null,
    });
    await boards["leaderboard.remove"]({ board, member: "ann" }, serverCall);
    expect(await configure({ order: "asc" })).toMatchObject({ order: "asc" });
  });
});

describe("rules", () => {
  it("LB8: a change of a score earlier than `minIntervalMs` after the last change is refused", async () => {
    await configure({ operator: "last", minIntervalMs: 300 });
    await submit("ann", 1);
    await expect(submit("ann", 2)).rejects.toMatchObject({
      code: "conflict",
      issues: [{ path: "score", rule: "minIntervalMs" }],
      retryAfterMs: expect.any(Number),
    });
    expect(await submit("ann", 1)).toMatchObject({ entry: { score: 1 } });
    expect(await submit("bo", 2)).toMatchObject({ entry: { score: 2 } });
    const { entry } = await eventually(() => submit("ann", 3));
    expect(entry.score).toBe(3);
  });

  it("LB8: a sum out of bounds is refused, and the entry stays unchanged", async () => {
    await configure({ operator: "sum", max: 10 });
    await submit("ann", 7);
    await expect(submit("ann", 4)).rejects.toMatchObject({ issues: [{ path: "score", rule: "max" }] });
    await expect(submit("ann", Number.MAX_VALUE)).rejects.toMatchObject({ issues: [{ rule: "max" }] });
    expect(await submit("ann", 3)).toMatchObject({ entry: { score: 10 } });
  });

  it("LB2: scores are exact for integers up to 2^53 and for fractions", async () => {
    await configure({ operator: "last" });
    for (const score of [2 ** 53, 2 ** 53 - 1, -(2 ** 53), 0.1 + 0.2, 5e-324, Number.MAX_VALUE]) {
      expect((await submit("ann", score)).entry.score).toBe(score);
      expect((await boards["leaderboard.entry"]({ board, member: "ann", ranking }, serverCall)).score).toBe(
        score,
      );
    }
  });

  it("LB2: of equal scores the earlier one leads, and submitting the same score again keeps the rank", async () => {
    await configure({ operator: "last" });
    await submit("ann", 5);
    await submit("bo", 5);
    expect((await submit("ann", 5, { metadata: { lap: 2 } })).entry).toMatchObject({
      rank: 1,
      metadata: { lap: 2 },
    });
    expect((await page({})).entries.map(({ member }) => member)).toEqual(["ann", "bo"]);
    await submit("ann", 6);
    await submit("ann", 5);
    expect((await page({})).entries.map(({ member }) => member)).toEqual(["bo", "ann"]);
  });

  it("LB2: a best score that was not beaten keeps its metadata and its time", async () => {
    await configure();
    const { entry } = await submit("ann", 5, { metadata: { replay: 1 } });
    const { entry: after, improved } = await submit("ann", 4, { metadata: { replay: 2 } });
    expect(improved).toBe(false);
    expect(after).toEqual(entry);
  });
});

describe("entries", () => {
  it("LB4: at the ends of a board, `around` returns as many entries as in the middle", async () => {
    await configure();
    await fill(30);
    const around = async (member: string) =>
      (await boards["leaderboard.around"]({ board, member, radius: 3, ranking }, serverCall)).entries;
    const all = (await page({ limit: 30 })).entries;
    for (const { member, rank } of all) {
      const entries = await around(member);
      expect(entries).toHaveLength(7);
      expect(entries).toContainEqual(expect.objectContaining({ member, rank }));
    }
  });

  it("LB6: paging returns each entry once, although entries up to the cursor are removed, added and moved meanwhile", async () => {
    await configure({ operator: "last" });
    await fill(100);
    const seen: Entry[] = [];
    let cursor: string | undefined;
    for (let round = 0; ; round += 1) {
      const { entries, nextCursor } = await page({ cursor, limit: 7 });
      seen.push(...entries);
      if (nextCursor === null) break;
      cursor = nextCursor;
      // Remove the entry to which the cursor points, add one at the top, and move one to the top.
      await boards["leaderboard.remove"]({ board, member: entries.at(-1)!.member }, serverCall);
      await submit(`new-${round}`, 1_000 + round);
      await submit(seen[0]!.member, 2_000 + round);
    }
    const members = seen.map(({ member }) => member);
    expect(new Set(members).size).toBe(members.length);
    expect(members).toHaveLength(100);
  });

  it("an offset beyond the last entry gives an empty page", async () => {
    await configure();
    await fill(3);
    expect(await page({ offset: 1_000_000 })).toEqual({
      entries: [],
      total: 3,
      season: "all",
      nextCursor: null,
    });
  });
});

describe("numbers that are not exact", () => {
  const unsafe = [2 ** 53, -(2 ** 53), 9_007_199_254_740_994, 2 ** 60 + 2 ** 20, 1e20];
  const inputs: [OperationName, string, (number: number) => object][] = [
    ["leaderboard.submit", "score", (score) => ({ member: "ann", score })],
    ["leaderboard.submit", "subscore", (subscore) => ({ member: "ann", score: 1, subscore })],
    ["leaderboard.submit", "metadata", (id) => ({ member: "ann", score: 1, metadata: { a: [{ id }] } })],
    ["leaderboard.submitMany", "scores.0.score", (score) => ({ scores: [{ member: "ann", score }] })],
    ["leaderboard.aroundScore", "score", (score) => ({ score })],
    ["leaderboard.stats", "score", (score) => ({ score })],
    ["leaderboard.configure", "max", (max) => ({ max })],
    ["leaderboard.configure", "maxDelta", (step) => ({ maxDelta: Math.abs(step) })],
  ];

  it.each(inputs)(
    "LB2: `%s` refuses integers in `%s` that JSON may have rounded",
    (operation, path, input) => {
      const parse = (number: number) => () =>
        validate(contract[operation].input, { board: "b", ...input(number) });
      for (const number of unsafe) {
        const issues = [{ path, rule: "exact" }];
        expect(parse(number)).toThrow(
          expect.objectContaining({ code: "bad_request", issues: [expect.objectContaining(issues[0]!)] }),
        );
      }
      for (const number of [2 ** 53 - 1, 0.1, 1e21, 1e300, Number.MAX_VALUE])
        expect(parse(number)).not.toThrow();
    },
  );

  it("LB8: a sum that can't be exact is refused with `conflict`, and changes nothing", async () => {
    await configure({ operator: "sum" });
    const last = Number.MAX_SAFE_INTEGER;
    await submit("ann", last);
    await expect(submit("ann", 1)).rejects.toMatchObject({
      code: "conflict",
      issues: [{ rule: "overflow" }],
    });
    expect((await submit("ann", -1)).entry.score).toBe(last - 1);
    await submit("bo", 1e300);
    await expect(submit("bo", 1)).rejects.toMatchObject({ code: "conflict", issues: [{ rule: "overflow" }] });
    expect((await submit("bo", 1e300)).entry.score).toBe(2e300);
    const many = { board, scores: [{ member: "ann", score: 2 }] };
    const { results } = await boards["leaderboard.submitMany"](many, serverCall);
    expect(results).toMatchObject([{ ok: false, error: { code: "conflict" } }]);
  });

  it("`toNextRank` is the largest double if the gap is larger than any double, and null only for the leader", async () => {
    await configure();
    expect((await submit("ann", Number.MAX_VALUE)).windows.all!.toNextRank).toBeNull();
    expect((await submit("bo", -Number.MAX_VALUE)).windows.all!.toNextRank).toBe(Number.MAX_VALUE);
  });
});

describe("list", () => {
  it("pages through all boards, each once", async () => {
    const own = await domainFixture();
    const handlers = leaderboardModule(own.dependencies).operations;
    const names = Array.from({ length: 7 }, (_, at) => `b${at}`);
    for (const name of names) {
      board = name;
      await handlers["leaderboard.configure"]({ board, ...plainRules }, serverCall);
    }
    await handlers["leaderboard.delete"]({ board: "b3" }, serverCall);
    const listed: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const reply = await handlers["leaderboard.list"]({ limit: 2, cursor }, serverCall);
      listed.push(...reply.boards.map((one) => one.board));
      if (reply.nextCursor === null) break;
      cursor = reply.nextCursor;
    }
    expect(listed).toEqual(names.filter((name) => name !== "b3"));
    await own.redis.close();
  });

  it("lists boards whose keys contain foreign data as unreadable, and returns the others", async () => {
    const own = await domainFixture();
    const logged: unknown[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line).board) });
    const handlers = leaderboardModule({ ...own.dependencies, log }).operations;
    for (const name of ["b0", "b1", "b2", "b3", "b4"]) {
      await handlers["leaderboard.configure"]({ board: name, ...plainRules }, serverCall);
    }
    const { commands } = own.redis;
    await commands.set(own.keys.board("b1").meta, "foreign");
    await commands.set(own.keys.board("b2").season("all", "all").ranking, "foreign");
    await commands.hset(own.keys.board("b3").meta, "min", "foreign");
    const { boards: listed, unreadable } = await handlers["leaderboard.list"]({ limit: 50 }, serverCall);
    expect(listed.map(({ board }) => board)).toEqual(["b0", "b4"]);
    expect(unreadable?.toSorted()).toEqual(["b1", "b2", "b3"]);
    expect(logged.toSorted()).toEqual(["b1", "b2", "b3"]);
    await own.redis.close();
  });
});

it("the report of an erasure counts the entries of every board", async () => {
  const own = await domainFixture();
  const module = leaderboardModule(own.dependencies);
  for (const id of ["b0", "b1", "b2"]) {
    await module.operations["leaderboard.configure"]({ board: id, ...plainRules }, serverCall);
    await module.operations["leaderboard.submit"]({ board: id, member: "ann", score: 1 }, serverCall);
  }
  expect(await module.eraseUser!("ann")).toEqual({ entries: 3 });
  await own.redis.close();
});

describe("a board in the layout of another version", () => {
  it("is refused with an error that says to delete the board and import its entries, and can be deleted", async () => {
    await configure();
    // The field `plan` begins with the number of the board's entry layout. Earlier versions stored it without the number.
    await fixture.redis.commands.hset(fixture.keys.board(board).meta, "plan", "2Jd9lFYJrV8sQk0T");
    const refused = {
      code: "unavailable",
      message: expect.stringMatching(/another version.* delete the board, and import/),
    };
    await expect(submit("ann", 1)).rejects.toMatchObject(refused);
    await expect(page({})).rejects.toMatchObject(refused);
    await expect(configure({ max: 9 })).rejects.toMatchObject(refused);
    await boards["leaderboard.delete"]({ board }, serverCall);
    await configure();
    expect((await submit("ann", 1)).entry.rank).toBe(1);
  });
});

describe("Redis", () => {
  it("LB9: notices of changes are published at most every 95 ms, and the notice of a deletion is always published", async () => {
    await configure();
    const { topic } = fixture.keys.board(board);
    const { topics } = fixture.redis;
    const notices: string[] = [];
    await topics.start();
    await topics.listen(topic, { receive: (notice) => notices.push(notice), resync: () => {} });
    const startedAt = performance.now();
    let submits = 0;
    while (performance.now() - startedAt < 500) {
      submits += 1;
      await submit("ann", submits);
    }
    await boards["leaderboard.delete"]({ board }, serverCall);
    await eventually(() => expect(notices.at(-1)).toMatch(new RegExp(` ${submits + 1}$`)));
    expect(notices[0]).toMatch(/ 1$/);
    expect(notices.length).toBeGreaterThan(2);
    expect(notices.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 95);
  });

  it.skipIf(isCluster)(
    "`submit`, `entries`, `entry`, `around` and `get` take one round trip each",
    async () => {
      await configure();
      await submit("ann", 1);
      const commands = await monitor(fixture.redis.commands, async () => {
        await submit("ann", 2);
        await page({});
        await boards["leaderboard.entry"]({ board, member: "ann", ranking }, serverCall);
        await boards["leaderboard.around"]({ board, member: "ann", radius: 1, ranking }, serverCall);
        await boards["leaderboard.get"]({ board }, serverCall);
      });
      const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
      // The first run of a script on a connection is an EVAL, each later one an EVALSHA.
      expect(own.map((line) => /"eval(sha)?"/.test(line))).toEqual(Array(5).fill(true));
    },
  );

  it("several scripts can run for the first time on a new connection at the same time", async () => {
    await configure();
    const fresh = await domainFixture();
    const handlers = leaderboardModule({
      ...fixture.dependencies,
      redis: fresh.redis.commands,
    }).operations;
    const [submitted, entries, got] = await Promise.all([
      handlers["leaderboard.submit"]({ board, member: "ann", score: 1 }, serverCall),
      handlers["leaderboard.entries"]({ board, limit: 10, ranking }, serverCall),
      handlers["leaderboard.get"]({ board }, serverCall),
    ]);
    expect([submitted.entry.rank, entries.total, got.total]).toEqual([1, 1, 1]);
    await fresh.redis.close();
  });

  it("every key of a board is deleted with the board, or has a TTL", async () => {
    const own = await domainFixture();
    const handlers = leaderboardModule(own.dependencies).operations;
    const keyed = (operation: string) => ({
      ...serverCall,
      idempotency: idempotencyOf("server:test", operation, "key", {}),
    });
    await handlers["leaderboard.configure"]({ board, ...plainRules }, keyed("configure"));
    await handlers["leaderboard.submit"]({ board, member: "ann", score: 1 }, keyed("submit"));
    await handlers["leaderboard.close"]({ board }, keyed("close"));
    await handlers["leaderboard.submit"]({ board, member: "bo", score: 1 }, serverCall);
    await handlers["leaderboard.hide"]({ board, member: "bo" }, serverCall);
    await handlers["leaderboard.entries"]({ board, limit: 5, ranking: "dense" }, serverCall);
    await handlers["leaderboard.delete"]({ board }, serverCall);
    const keys = await own.redis.commands.keys(`${own.prefix}*`);
    for (const key of keys) expect(await own.redis.commands.pttl(key), key).toBeGreaterThan(0);
    await own.redis.close();
  });
});
