import type { GrandstandError } from "@grandstand/shared/errors";
import { type BoardConfig, boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { eventually } from "../../../test/support/eventually.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import type { DomainDependencies, OpenedSeason } from "../shared/dependencies.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";
import { SeasonCache } from "./season-cache.js";

type Handlers = LeaderboardModule["operations"];

const ranking = "ordinal" as const;
const HOUR_MS = 3_600_000;
/** A window whose seasons last one second. */
const seconds = { name: "rounds", cron: "* * * * * *" };

let fixture: DomainFixture;
let boards: Handlers;
let board: string;

beforeAll(async () => {
  fixture = await domainFixture();
  boards = leaderboardModule(fixture.dependencies).operations;
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  board = freshId("board");
});

/** Another node on the same Redis. */
function anotherNode(
  more: Partial<DomainDependencies> = {},
  seasonCache = new SeasonCache(),
): { leaderboard: LeaderboardModule; handlers: Handlers } {
  const leaderboard = leaderboardModule({ ...fixture.dependencies, ...more }, seasonCache);
  return { leaderboard, handlers: leaderboard.operations };
}

function configure(rules: z.input<typeof boardConfig>, handlers = boards) {
  const config: BoardConfig = boardConfig.parse(rules);
  return handlers["leaderboard.configure"]({ board, ...config }, serverCall);
}

function submit(member: string, score: number, handlers = boards) {
  return handlers["leaderboard.submit"]({ board, member, score }, serverCall);
}

async function membersOf(choice: { window?: string; season?: string }, handlers = boards): Promise<string[]> {
  const input = { board, limit: 500, ranking, ...choice };
  return (await handlers["leaderboard.entries"](input, serverCall)).entries.map(({ member }) => member);
}

function close(window?: string, season?: string) {
  return boards["leaderboard.close"]({ board, window, season }, serverCall);
}

async function seasonsOf(window?: string) {
  return (await boards["leaderboard.seasons"]({ board, window }, serverCall)).seasons;
}

async function keysOf(): Promise<string[]> {
  return (await fixture.redis.commands.keys(`${fixture.prefix}:{lb:${board}}*`)).sort();
}

function conflict(path: string, rule: string) {
  return { code: "conflict", issues: [{ path, rule }] };
}

describe("windows", () => {
  it("LB7: a submit writes an entry in each window, and a refused submit changes no window", async () => {
    await configure({ windows: ["all", "daily", "weekly"], operator: "sum", max: 10 });
    await submit("ann", 6);
    await close("daily");
    expect((await submit("ann", 4)).windows).toMatchObject({
      all: { season: "all", rank: 1, previousRank: 1 },
      daily: { season: expect.stringMatching(/^\d{4}-\d\d-\d\d\.2$/), rank: 1, previousRank: null },
      weekly: { season: expect.stringMatching(/^\d{4}-W\d\d$/), previousRank: 1 },
    });
    // The sum would be within `max` in the window `daily`, but not in `weekly`.
    await expect(submit("ann", 3)).rejects.toMatchObject(conflict("score", "max"));
    const entry = async (window: string) =>
      (await boards["leaderboard.entry"]({ board, member: "ann", ranking, window }, serverCall)).score;
    expect([await entry("all"), await entry("daily"), await entry("weekly")]).toEqual([10, 4, 10]);
  });

  it("LB7: a submit to four windows is one round trip and one script", async () => {
    await configure({ windows: ["all", "daily", "weekly", "monthly"] });
    await submit("ann", 1);
    const commands = await monitor(fixture.redis.commands, async () => void (await submit("ann", 2)));
    const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
    expect(own).toHaveLength(1);
  });

  it("a call without `window` reads the board's first window, and an unknown window is `not_found`", async () => {
    await configure({ windows: ["weekly", "all"] });
    await submit("ann", 1);
    await close("weekly");
    expect(await membersOf({})).toEqual([]);
    expect(await membersOf({ window: "all" })).toEqual(["ann"]);
    await expect(membersOf({ window: "daily" })).rejects.toMatchObject({ code: "not_found" });
    expect((await anotherNode().handlers["leaderboard.get"]({ board }, serverCall)).total).toBe(0);
  });

  it("a removed window is deleted with its seasons, and an added window begins empty", async () => {
    await configure({ windows: ["all", "daily"] });
    await submit("ann", 1);
    await close("daily");
    await submit("bo", 2.5);
    expect((await keysOf()).filter((key) => key.includes(":daily:"))).toHaveLength(3);
    // These rules name no windows, so the board would get only the default window `all`. The open season of `daily`
    // still has entries.
    await expect(configure({ min: 0 })).rejects.toMatchObject(conflict("windows", "windows"));
    expect(await membersOf({ window: "daily" })).toEqual(["bo"]);
    await close("daily");
    await configure({ windows: ["weekly", "all"] });
    expect((await keysOf()).filter((key) => key.includes(":daily:"))).toEqual([]);
    expect(await seasonsOf("all")).toMatchObject([{ total: 2, closedAt: null }]);
    expect(await membersOf({ window: "weekly" })).toEqual([]);
    expect(await membersOf({ window: "all" })).toEqual(["bo", "ann"]);
    await expect(seasonsOf("daily")).rejects.toMatchObject({ code: "not_found" });
  });

  it("`configure` refuses invalid cron expressions, unknown timezones, and two windows with the same name", async () => {
    const named = (cron: string) => configure({ windows: ["all", { name: "cup", cron }] });
    await expect(named("61 * * * *")).rejects.toMatchObject({
      code: "bad_request",
      issues: [{ path: "windows.1.cron", rule: "cron" }],
    });
    await expect(named("0 0 30 2 *")).rejects.toMatchObject({ code: "bad_request" });
    for (const rules of [
      { timezone: "Middle/Earth" },
      { windows: ["all", "all"] },
      { windows: [{ name: "daily", cron: "* * * * *" }] },
      { windows: [] },
    ]) {
      expect(boardConfig.safeParse(rules).success).toBe(false);
    }
  });

  it("LB7: a change of the timezone closes the open season if the new timezone is in another period", async () => {
    await configure({ windows: ["daily"], timezone: "Pacific/Kiritimati" });
    await submit("ann", 1);
    const [before] = await seasonsOf();
    await configure({ windows: ["daily"], timezone: "Pacific/Pago_Pago" });
    const [now, closed] = await seasonsOf();
    expect(now).toMatchObject({ closedAt: null, total: 0 });
    expect(now!.season < before!.season).toBe(true);
    expect(closed).toMatchObject({ season: before!.season, closedAt: expect.any(String), total: 1 });
  });
});

describe("closing", () => {
  it("LB7: a closed season never changes, is listed and can be read, and the next season begins empty", async () => {
    await configure({ windows: ["weekly"], operator: "last" });
    await submit("ann", 3);
    await submit("bo", 5);
    const { closed, next } = await close();
    expect(closed).toMatchObject({ window: "weekly", total: 2, closedAt: expect.any(String) });
    expect(next).toMatchObject({ season: `${closed.season}.2`, closedAt: null, endsAt: closed.endsAt });
    await submit("ann", 9);
    await boards["leaderboard.hide"]({ board, member: "bo" }, serverCall);
    await boards["leaderboard.remove"]({ board, member: "ann" }, serverCall);
    expect(await membersOf({ season: closed.season })).toEqual(["bo", "ann"]);
    expect(await membersOf({})).toEqual([]);
    expect(await seasonsOf()).toEqual([next, closed].map((one) => expect.objectContaining(one)));
  });

  it("LB7: a season that `close` opened ends with its period, and the season of the next period follows", async () => {
    await configure({ windows: [seconds] });
    const { next } = await close();
    expect(next.season).toMatch(/Z\.2$/);
    await eventually(async () => {
      const [open] = await seasonsOf();
      expect(open!.season).toMatch(/Z$/);
    });
  });

  it("`close` closes a named season only if that season is open", async () => {
    await configure({ windows: ["all"] });
    await expect(close("all", "all.2")).rejects.toMatchObject(conflict("season", "open"));
    await close("all", "all");
    await expect(close("all", "all")).rejects.toMatchObject(conflict("season", "open"));
    await close("all", "all.2");
    expect((await seasonsOf()).map(({ season }) => season).sort()).toEqual(["all", "all.2", "all.3"]);
  });

  it("T9: a `close` that is repeated with its idempotency key closes once and gets the first answer", async () => {
    await configure({ windows: ["all"] });
    const keyed = { ...serverCall, idempotency: idempotencyOf("server:test", "close", "key", {}) };
    const first = await boards["leaderboard.close"]({ board }, keyed);
    expect(await boards["leaderboard.close"]({ board }, keyed)).toEqual(first);
    expect(await seasonsOf()).toHaveLength(2);
  });

  it("LB7: the last `retainSeasons` closed seasons are kept, and earlier ones are deleted with all keys", async () => {
    await configure({ windows: ["all", "weekly"], retainSeasons: 2 });
    for (let cup = 0; cup < 5; cup += 1) {
      await submit(`m${cup}`, 1.5);
      await close("weekly");
    }
    const closed = (await seasonsOf("weekly")).filter(({ closedAt }) => closedAt !== null);
    expect(closed.map(({ season }) => season.split(".")[1])).toEqual(["5", "4"]);
    expect((await keysOf()).filter((key) => key.includes(":weekly:"))).toHaveLength(4);
    await expect(
      membersOf({ window: "weekly", season: closed[0]!.season.slice(0, 8) }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
    await boards["leaderboard.delete"]({ board }, serverCall);
    expect((await keysOf()).filter((key) => !key.includes(":idem:"))).toEqual([]);
  });

  it("LB6: a cursor still reads its season after the season was closed", async () => {
    await configure({ windows: ["all", "weekly"] });
    for (const at of [1, 2, 3, 4, 5]) await submit(`m${at}`, at);
    const read = { board, limit: 2, ranking, window: "weekly" };
    const first = await boards["leaderboard.entries"](read, serverCall);
    await close("weekly");
    await submit("late", 9);
    const cursor = first.nextCursor!;
    const second = await boards["leaderboard.entries"]({ board, limit: 9, ranking, cursor }, serverCall);
    expect(second.entries.map(({ member }) => member)).toEqual(["m3", "m2", "m1"]);
    expect(second).toMatchObject({ season: first.season, total: 5, nextCursor: null });
    await expect(
      boards["leaderboard.entries"]({ ...read, window: "all", cursor }, serverCall),
    ).rejects.toMatchObject({ code: "bad_request", issues: [{ path: "window" }] });
  });
});

describe("time", () => {
  it.each([-HOUR_MS, HOUR_MS, 3 * 24 * HOUR_MS])(
    "LB7: a node whose clock is %d ms off uses the season of Redis's clock, and needs one round trip from its second call on",
    async (offMs) => {
      await configure({ windows: ["daily", { name: "half", cron: "*/30 * * * *" }] });
      const { daily } = (await submit("ann", 1)).windows;
      const { handlers } = anotherNode({}, new SeasonCache(() => Date.now() + offMs));
      expect((await submit("bo", 1, handlers)).windows.daily!.season).toBe(daily!.season);
      const commands = await monitor(
        fixture.redis.commands,
        async () => void (await submit("bo", 2, handlers)),
      );
      const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
      expect(own).toHaveLength(1);
      expect(await seasonsOf("half")).toHaveLength(1);
    },
  );

  it("LB7: while seasons end, every submit counts in the season that its answer names, on nodes with different clocks", async () => {
    await configure({ windows: [seconds, "all"], retainSeasons: 100 });
    const nodes = [0, 700, -1_300, 60_000].map(
      (offMs) => anotherNode({}, new SeasonCache(() => Date.now() + offMs)).handlers,
    );
    const counted = new Map<string, Set<string>>();
    let submits = 0;
    const write = async (handlers: Handlers) => {
      while (counted.size < 4) {
        submits += 1;
        const member = `m${submits}`;
        const { windows } = await submit(member, submits, handlers);
        const { season } = windows.rounds!;
        counted.set(season, (counted.get(season) ?? new Set()).add(member));
      }
    };
    await Promise.all([...nodes, ...nodes].map(write));
    expect(await membersOf({ window: "all" })).toHaveLength(Math.min(submits, 500));
    for (const [season, members] of counted) {
      const kept = new Set<string>();
      let cursor: string | undefined;
      do {
        const input = { board, window: "rounds", season, limit: 500, ranking, cursor };
        const page = await boards["leaderboard.entries"](input, serverCall);
        for (const { member } of page.entries) kept.add(member);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(kept).toEqual(members);
    }
    const listed = await seasonsOf("rounds");
    expect(new Set(listed.map(({ season }) => season)).size).toBe(listed.length);
    for (const { startsAt, endsAt, closedAt, total, season } of listed.filter((one) => one.closedAt)) {
      expect(closedAt! >= endsAt! && endsAt! > startsAt).toBe(true);
      expect(total).toBe(counted.get(season)?.size ?? 0);
    }
  });

  it("LB7: `closeIfOver` closes a season that is over and schedules the end of the next season, which begins empty", async () => {
    const opened: OpenedSeason[] = [];
    const { leaderboard, handlers } = anotherNode({ scheduleSeasonEnd: (season) => opened.push(season) });
    await configure({ windows: [seconds] }, handlers);
    await submit("ann", 1, handlers);
    expect(opened).toMatchObject([{ board, window: "rounds" }]);
    const leftMs = await leaderboard.closeIfOver(opened[0]!);
    expect(leftMs === null || leftMs <= 1_000).toBe(true);
    await eventually(async () => expect(await leaderboard.closeIfOver(opened[0]!)).toBeNull());
    expect(opened.length).toBeGreaterThan(1);
    await eventually(async () => expect(await membersOf({}, anotherNode().handlers)).toEqual([]));
  });

  it("`scheduleEnds` schedules the end of every open season, except in the window `all`", async () => {
    await configure({ windows: ["all", "daily", "weekly"] });
    const opened: OpenedSeason[] = [];
    const { leaderboard } = anotherNode({ scheduleSeasonEnd: (season) => opened.push(season) });
    await leaderboard.scheduleEnds();
    expect(opened.filter((season) => season.board === board).map(({ window }) => window)).toEqual([
      "daily",
      "weekly",
    ]);
  });
});

describe("LB8: hidden members", () => {
  const entry = (member: string, call = serverCall) =>
    boards["leaderboard.entry"]({ board, member, ranking }, call);

  it("are visible only to servers and themselves, can submit, and rank by their present score when shown again", async () => {
    await configure({ windows: ["all", "weekly"], submit: "member" });
    for (const [member, score] of [
      ["ann", 3],
      ["bo", 2],
      ["cy", 1],
    ] as const)
      await submit(member, score);
    await boards["leaderboard.hide"]({ board, member: "ann" }, serverCall);
    expect(await membersOf({})).toEqual(["bo", "cy"]);
    expect(await entry("bo")).toMatchObject({ rank: 1 });
    await expect(entry("ann", userCall("bo"))).rejects.toMatchObject({ code: "not_found" });
    expect(await entry("ann", userCall("ann"))).toMatchObject({ score: 3, rank: 1 });
    expect(await entry("ann")).toMatchObject({ score: 3 });
    expect((await submit("ann", 4)).entry).toMatchObject({ score: 4, rank: 1 });
    const { next } = await close("weekly");
    await submit("ann", 5);
    expect(await membersOf({ window: "weekly", season: next.season })).toEqual([]);
    await boards["leaderboard.show"]({ board, member: "ann" }, serverCall);
    expect(await membersOf({})).toEqual(["ann", "bo", "cy"]);
    expect(await membersOf({ window: "weekly" })).toEqual(["ann"]);
  });

  it("can be hidden before they have an entry, but not on a board that does not exist", async () => {
    await expect(boards["leaderboard.hide"]({ board, member: "ann" }, serverCall)).rejects.toMatchObject({
      code: "not_found",
    });
    await configure({});
    await boards["leaderboard.hide"]({ board, member: "ann" }, serverCall);
    await submit("ann", 1);
    expect(await membersOf({})).toEqual([]);
  });
});

describe("rare states", () => {
  it("LB7: an open season that begins in the future, because Redis's clock was set back, stays open", async () => {
    await configure({ windows: ["daily"] });
    await submit("ann", 1);
    const { meta, seasons } = fixture.keys.board(board);
    const tomorrow = new Date(Date.now() + 24 * HOUR_MS).toISOString().slice(0, 10);
    const starts = Date.parse(`${tomorrow}T00:00:00Z`);
    await fixture.redis.commands.hset(
      seasons,
      `daily ${tomorrow}`,
      `${starts} ${starts + 24 * HOUR_MS} - - -`,
    );
    await fixture.redis.commands.hset(meta, "open:daily", tomorrow);
    expect((await submit("bo", 1)).windows.daily).toMatchObject({ season: tomorrow });
    expect(await fixture.redis.commands.hget(meta, "open:daily")).toBe(tomorrow);
  });

  it("LB3: dense ranks are correct after an empty board changed its order", async () => {
    await configure({ order: "desc" });
    const dense = { board, limit: 10, ranking: "dense" as const };
    await boards["leaderboard.entries"](dense, serverCall);
    await configure({ order: "asc" });
    await submit("ann", 1);
    await submit("bo", 2);
    const { entries } = await boards["leaderboard.entries"](dense, serverCall);
    expect(entries.map(({ rank }) => rank)).toEqual([1, 2]);
  });

  it("T9: a repeated `configure` changes nothing, even if the board was changed or deleted meanwhile", async () => {
    const keyed = { ...serverCall, idempotency: idempotencyOf("server:test", "configure", "key", {}) };
    const config = boardConfig.parse({ windows: ["weekly"] });
    const first = await boards["leaderboard.configure"]({ board, ...config }, keyed);
    await configure({ windows: ["all"] });
    expect(await boards["leaderboard.configure"]({ board, ...config }, keyed)).toEqual(first);
    expect((await boards["leaderboard.get"]({ board }, serverCall)).windows).toEqual(["all"]);
    await boards["leaderboard.delete"]({ board }, serverCall);
    expect(await boards["leaderboard.configure"]({ board, ...config }, keyed)).toEqual(first);
    expect(await fixture.redis.commands.zscore(fixture.keys.boards, board)).toBeNull();
  });

  it("LB5: `lookup` returns the best entry first, also among hidden members", async () => {
    await configure({});
    for (const [member, score] of [
      ["bo", 5],
      ["mal", 98],
      ["eve", 99],
    ] as const)
      await submit(member, score);
    for (const member of ["mal", "eve"]) await boards["leaderboard.hide"]({ board, member }, serverCall);
    const input = { board, members: ["bo", "mal", "eve"], ranking };
    const { entries } = await boards["leaderboard.lookup"](input, serverCall);
    expect(entries.map(({ member, place }) => [member, place])).toEqual([
      ["eve", 1],
      ["mal", 2],
      ["bo", 3],
    ]);
  });

  it("`submitMany` applies its scores in order, even if a season ends meanwhile", async () => {
    await configure({ windows: [seconds], operator: "last" });
    for (const round of [1, 2]) {
      const [{ season } = { season: "" }] = await seasonsOf();
      await eventually(async () => expect(new Date().toISOString() > season).toBe(true));
      const scores = Array.from({ length: 250 }, (_, at) => ({
        member: at % 120 ? `m${at}` : "ann",
        score: at,
      }));
      const { handlers } = anotherNode();
      await handlers["leaderboard.submitMany"]({ board, scores }, serverCall);
      const entry = await boards["leaderboard.entry"]({ board, member: "ann", ranking }, serverCall).catch(
        () => null,
      );
      // The season may have ended meanwhile, so that there is no entry.
      if (entry) expect(entry.score, `round ${round}`).toBe(240);
    }
  });
});

describe("when Redis's clock was set back over a season's start", () => {
  /** Puts a board into the state after the clock was set back: its open season begins tomorrow. */
  async function setBack(window: string): Promise<{ open: string; tomorrow: string }> {
    await configure({ windows: [window as "daily", "all"] });
    const { seasons } = await boards["leaderboard.seasons"]({ board, window }, serverCall);
    const [today] = seasons;
    const keys = fixture.keys.board(board);
    const begins = Date.parse(today!.endsAt!);
    const tomorrow = new Date(begins).toISOString().slice(0, 10);
    await fixture.redis.commands.hdel(keys.seasons, `${window} ${today!.season}`);
    await fixture.redis.commands.hset(
      keys.seasons,
      `${window} ${tomorrow}`,
      `${begins} ${begins + 24 * HOUR_MS} - - -`,
    );
    await fixture.redis.commands.hset(keys.meta, `open:${window}`, tomorrow);
    return { open: today!.season, tomorrow };
  }

  it("LB7: the open season stays open, and every node reads and writes it", async () => {
    const { tomorrow } = await setBack("daily");
    for (const [at, handlers] of [boards, anotherNode().handlers].entries()) {
      const { windows } = await submit(`m${at}`, at + 1, handlers);
      expect(windows.daily).toMatchObject({ season: tomorrow, rank: 1 });
      expect(await membersOf({ window: "daily" }, handlers)).toContain(`m${at}`);
      expect((await handlers["leaderboard.get"]({ board }, serverCall)).total).toBe(at + 1);
    }
    const { seasons } = await boards["leaderboard.seasons"]({ board, window: "daily" }, serverCall);
    expect(seasons).toMatchObject([{ season: tomorrow, closedAt: null, total: 2 }]);
  });

  it("`configure` keeps the end of the open season", async () => {
    const { tomorrow } = await setBack("daily");
    const before = await boards["leaderboard.seasons"]({ board, window: "daily" }, serverCall);
    await configure({ windows: ["daily", "all"], max: 10 });
    expect(await boards["leaderboard.seasons"]({ board, window: "daily" }, serverCall)).toEqual(before);
    expect((await submit("ann", 1)).windows.daily).toMatchObject({ season: tomorrow });
  });

  it("LB7: `close` closes the open season and opens the season of the present period", async () => {
    const { open, tomorrow } = await setBack("daily");
    await submit("ann", 1);
    const { closed, next } = await close("daily");
    expect([closed.season, closed.total, next.season]).toEqual([tomorrow, 1, open]);
    expect((await submit("ann", 2)).windows.daily).toMatchObject({ season: open, previousRank: null });
    expect(await membersOf({ window: "daily", season: tomorrow })).toEqual(["ann"]);
  });

  it("LB8: an entry whose last change lies in the future may change in spite of `minIntervalMs`", async () => {
    await configure({ minIntervalMs: 1_000 });
    const reachedAt = new Date(Date.now() + 50_000).toISOString();
    const content = JSON.stringify({ member: "ann", score: 1, reachedAt });
    await boards["leaderboard.import"]({ board, format: "ndjson", content }, serverCall);
    expect((await submit("ann", 2)).improved).toBe(true);
  });
});

describe("maxEntries", () => {
  it("keeps the best entries, and answers a score that is not kept with the rank null", async () => {
    await configure({ maxEntries: 2 });
    await submit("ann", 3);
    await submit("bo", 2);
    expect((await submit("cy", 1)).windows.all).toMatchObject({ rank: null, toNextRank: 1 });
    expect(await membersOf({})).toEqual(["ann", "bo"]);
    await submit("di", 9);
    expect(await membersOf({})).toEqual(["di", "ann"]);
  });

  it("removes the entries above the limit when `maxEntries` is set on a board with more entries", async () => {
    await configure({});
    const scores = Array.from({ length: 1_000 }, (_, at) => ({
      member: `m${at}`,
      score: at,
      metadata: { at },
    }));
    await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
    expect((await configure({ maxEntries: 10 })).maxEntries).toBe(10);
    expect(await membersOf({})).toEqual(
      scores
        .slice(-10)
        .reverse()
        .map(({ member }) => member),
    );
    const records = `${fixture.prefix}:{lb:${board}}:e:all:all`;
    expect(await fixture.redis.commands.hlen(records)).toBe(10);
  });
});

describe("LB3: dense ranks", () => {
  it("are correct at the first read and later, although scores change meanwhile", async () => {
    await configure({ operator: "last" });
    const scores = Array.from({ length: 5_000 }, (_, at) => ({ member: `m${at}`, score: at % 900 }));
    for (let at = 0; at < scores.length; at += 1_000) {
      await boards["leaderboard.submitMany"]({ board, scores: scores.slice(at, at + 1_000) }, serverCall);
    }
    const dense = (member: string) =>
      boards["leaderboard.entry"]({ board, member, ranking: "dense" }, serverCall);
    const changes = Array.from({ length: 50 }, (_, at) => submit(`m${at}`, -1 - at));
    const [first] = await Promise.all([dense("m899"), ...changes]);
    expect(first.rank).toBe(1);
    expect((await dense("m49")).rank).toBe(950);
    await submit("m49", 898);
    expect((await dense("m48")).rank).toBe(949);
    const [distinct] = (await keysOf()).filter((key) => key.includes(":d:"));
    expect(await fixture.redis.commands.pttl(distinct!)).toBeGreaterThan(0);
  });
});

it("LB3: reads of dense ranks at the same time share one count", async () => {
  await configure({});
  for (let at = 0; at < 4; at += 1) {
    const scores = Array.from({ length: 1_000 }, (_, next) => ({
      member: `m${at} ${next}`,
      score: at * 1_000 + next,
    }));
    await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
  }
  const read = { board, member: "m0 0", ranking: "dense" as const };
  const counts = (line: string) =>
    line.includes(`${fixture.prefix}:{lb:${board}}:d:`) && line.includes('"counting"');
  const commands = await monitor(fixture.redis.commands, async () => {
    const entries = await Promise.all(
      Array.from({ length: 20 }, () => boards["leaderboard.entry"](read, serverCall)),
    );
    for (const { rank } of entries) expect(rank).toBe(4_000);
  });
  expect(commands.filter((line) => counts(line) && line.includes('"ZADD"'))).toHaveLength(1);
  // 4,000 entries take two runs of 2,000, and one that finds no further entry.
  expect(commands.filter((line) => counts(line) && line.includes('"ZSCORE"'))).toHaveLength(3);
});

describe("LB5: lookup", () => {
  it("reads 1,000 members in one round trip", async () => {
    await configure({});
    const members = Array.from({ length: 1_000 }, (_, at) => `m${at}`);
    const scores = members.map((member, at) => ({ member, score: at }));
    await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
    let found = 0;
    const commands = await monitor(fixture.redis.commands, async () => {
      const input = { board, members: [...members, "nobody", "m1"], ranking };
      const { entries, notFound } = await boards["leaderboard.lookup"](input, serverCall);
      expect(entries[0]).toMatchObject({ member: "m999", rank: 1, place: 1 });
      expect(notFound).toEqual(["nobody"]);
      found = entries.length;
    });
    expect(found).toBe(1_000);
    const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
    expect(own).toHaveLength(1);
  });
});

describe("stats", () => {
  const stats = (of: { member?: string; score?: number } = {}) =>
    boards["leaderboard.stats"]({ board, ...of }, serverCall);

  it("contain the distribution of scores, and the percentile of a member or a score", async () => {
    await configure({});
    expect(await stats()).toMatchObject({ count: 0, min: null, mean: null, quantiles: [], histogram: [] });
    const scores = Array.from({ length: 100 }, (_, at) => ({ member: `m${at}`, score: at + 1 }));
    await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
    const read = await eventually(async () => {
      const read = await stats();
      expect(read.count).toBe(100);
      return read;
    });
    expect(read).toMatchObject({
      min: 1,
      max: 100,
      mean: expect.closeTo(50.5),
      percentile: null,
      season: "all",
    });
    expect(Object.fromEntries(read.quantiles.map(({ quantile, score }) => [quantile, score]))).toMatchObject({
      0.01: 1,
      0.5: 50,
      0.99: 99,
    });
    expect(read.histogram).toHaveLength(20);
    expect(read.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(read.histogram[0]).toMatchObject({ from: 1, count: 5 });
    expect((await stats({ member: "m89" })).percentile).toBe(89);
    expect((await stats({ score: 1_000 })).percentile).toBe(100);
    await expect(stats({ member: "nobody" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("count each entry once if scores differ only by the smallest steps of a double", async () => {
    await configure({});
    for (let at = 0; at < 6; at += 1) await submit(`m${at}`, 7_986_778_129_693_192 + at);
    const { histogram } = await stats();
    expect(histogram.every(({ count }) => count >= 0)).toBe(true);
    expect(histogram.reduce((sum, { count }) => sum + count, 0)).toBe(6);
  });

  it("are read from Redis once for 20 users who ask for the same stats at the same time", async () => {
    await configure({});
    const commands = await monitor(fixture.redis.commands, async () => {
      const asks = Array.from({ length: 20 }, (_, at) =>
        boards["leaderboard.stats"]({ board }, userCall(`u${at}`)),
      );
      await Promise.all(asks);
    });
    const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
    expect(own).toHaveLength(1);
  });

  it("are correct for the largest and the most negative double", async () => {
    await configure({});
    await submit("ann", Number.MAX_VALUE);
    await submit("bo", -Number.MAX_VALUE);
    const { histogram } = await stats();
    expect(histogram.map(({ count }) => count)).toEqual([1, ...Array(18).fill(0), 1]);
  });

  it("are read from Redis once for 50 calls of a server at the same time", async () => {
    await configure({});
    await submit("ann", 1);
    const commands = await monitor(fixture.redis.commands, async () => {
      await Promise.all(Array.from({ length: 50 }, () => stats()));
    });
    const own = commands.filter((line) => line.includes(fixture.prefix) && !line.startsWith("[lua]"));
    expect(own).toHaveLength(1);
  });
});

describe("aroundScore", () => {
  it("LB4: returns the entries around a score that no entry has, and the rank that the score would have", async () => {
    await configure({ order: "asc" });
    for (const at of [10, 20, 30, 40, 50]) await submit(`m${at}`, at);
    const around = (score: number, radius: number) =>
      boards["leaderboard.aroundScore"]({ board, score, subscore: 0, radius, ranking }, serverCall);
    const seen = await around(35, 1);
    expect(seen.rank).toBe(4);
    expect(seen.entries.map(({ member }) => member)).toEqual(["m30", "m40", "m50"]);
    expect((await around(1, 1)).entries.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect((await around(99, 1)).entries.map(({ rank }) => rank)).toEqual([3, 4, 5]);
  });
});

it("the order of a board can't change while closed seasons have entries", async () => {
  await configure({});
  await submit("ann", 1);
  await close();
  const refused = await configure({ order: "asc" }).catch((error: GrandstandError) => error);
  expect(refused).toMatchObject(conflict("order", "order"));
});
