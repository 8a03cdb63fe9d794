import type { GrandstandError } from "@grandstand/shared/errors";
import {
  type BoardConfig,
  boardConfig,
  type ScoreOperator,
} from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BoardModel, type ModelSubmit, type SeasonModel } from "../../../test/support/board-model.js";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";

type Handlers = LeaderboardModule["operations"];

/** The number of boards in a run. With 400 boards a run has 200,000 operations. */
const BOARDS = Number(process.env.GRANDSTAND_TEST_MODEL_BOARDS ?? 24);
const STEPS = 500;

let fixture: DomainFixture;
let boards: Handlers;

beforeAll(async () => {
  fixture = await domainFixture();
  boards = leaderboardModule(fixture.dependencies).operations;
});

afterAll(() => fixture.redis.close());

/** Mostly a few values, so that equal scores are common. Also the extremes of doubles. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 2, arbitrary: fc.constantFrom(0.1, 0.2, 0.1 + 0.2, -0.5, 1e-300, Number.MIN_VALUE) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(2 ** 53, 2 ** 53 - 1, -(2 ** 53), Number.MAX_VALUE, -Number.MAX_VALUE),
  },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  // Scores just inside and outside the limits of the short form in which entry-codec.lua stores entries.
  {
    weight: 2,
    arbitrary: fc.constantFrom(-1_000_001, -1_000_000, 3_192_255, 3_192_256, 7_000_000, 7_000_001),
  },
);

const members = ["ann", "bo", "cy", "dí", "🎯", "a b", "x:{y}", "a", "aa", "b", "zoë", "0"];
const member = fc.constantFrom(...members);
const operator = fc.constantFrom<ScoreOperator[]>("best", "last", "sum");
const ranking = fc.constantFrom<Ranking[]>("ordinal", "competition", "dense");

const submit: fc.Arbitrary<ModelSubmit> = fc.record(
  { member, score: number, subscore: fc.oneof(fc.constantFrom(0, 0, 1), number), operator },
  { requiredKeys: ["member", "score"] },
);

type Step =
  | { do: "submit"; submit: ModelSubmit }
  | { do: "submitMany"; submits: ModelSubmit[] }
  | { do: "remove" | "hide" | "show"; member: string }
  | { do: "close"; window: string }
  | { do: "read"; ranking: Ranking; radius: number; limit: number; score: number; subscore: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ do: fc.constant("submit" as const), submit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("submitMany" as const),
      submits: fc.array(submit, { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("remove" as const, "hide" as const, "show" as const),
      member,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("close" as const), window: fc.constantFrom("all", "weekly") }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      ranking,
      radius: fc.integer({ min: 0, max: 8 }),
      limit: fc.integer({ min: 1, max: 7 }),
      score: number,
      subscore: fc.constantFrom(0, 0, 1),
    }),
  },
);

const walk = fc.array(step, { minLength: STEPS, maxLength: STEPS });

/**
 * The sequence that a board starts with. Sequences order entries with equal scores (entry-codec.lua). If a board starts
 * with 2 ** 45 - 40, its sequence soon exceeds what the short form of an entry can store. Then new entries get the long
 * form.
 */
const sequence = fc.constantFrom(0, 0, 2 ** 45 - 40);

const limits: Partial<BoardConfig>[] = [
  {},
  {},
  { min: -1 },
  { max: 2 },
  { maxDelta: 1 },
  { min: -2, max: 1e9, maxDelta: 3 },
  { maxEntries: 4 },
];

const config: fc.Arbitrary<BoardConfig> = fc
  .record({
    order: fc.constantFrom<BoardConfig["order"][]>("desc", "asc"),
    operator,
    windows: fc.constantFrom<BoardConfig["windows"][]>(["all"], ["all", "weekly"], ["weekly", "all"]),
    subscoreOrder: fc.constantFrom<BoardConfig["subscoreOrder"][]>("same", "reverse"),
    limits: fc.constantFrom(...limits),
  })
  .map(({ limits, ...rules }) => boardConfig.parse({ ...rules, ...limits, retainSeasons: 100 }));

it("LB8: `hide` removes hidden entries above `maxEntries`, and `show` of a member without an entry does not", async () => {
  const rules = boardConfig.parse({ maxEntries: 1 });
  const board = freshId("board");
  await boards["leaderboard.configure"]({ board, ...rules }, serverCall);
  const walker = new Walker(board, new BoardModel(rules));
  for (const member of ["ann", "bo"]) {
    await walker.take({ do: "submit", submit: { member, score: 1 } });
    await walker.take({ do: "hide", member });
  }
  await walker.take({ do: "show", member: "cy" });
  await walker.take({ do: "submit", submit: { member: "bo", score: 0 } });
  await walker.compare("ordinal", 1, 1);
});

/** Some steps are batches or reads, so there are more operations than the title says. A failure prints its seed. */
it(`LB2 to LB8: a board behaves like a sorted array for each window, over ${BOARDS * STEPS} operations`, {
  timeout: 60_000 + BOARDS * 5_000,
}, async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(config, sequence, walk, async (rules, sequence, walk) => {
      const board = freshId("board");
      await boards["leaderboard.configure"]({ board, ...rules }, serverCall);
      if (sequence) await fixture.redis.commands.hset(fixture.keys.board(board).meta, "sequence", sequence);
      const walker = new Walker(board, new BoardModel(rules));
      for (const next of walk) await walker.take(next);
      await walker.compare("dense", 3, 2);
      await walker.compareClosed();
      await boards["leaderboard.delete"]({ board }, serverCall);
      steps += walk.length;
    }),
    { numRuns: BOARDS, endOnFailure: true },
  );
  expect(steps).toBe(BOARDS * STEPS);
});

/** Enough entries for many buckets. A bucket is a HASH field in which records.lua stores many records. */
const MANY = 600;

it("LB2, LB5: a board with many fractional scores returns each entry, after changes and removals", async () => {
  const rules = boardConfig.parse({ operator: "last" });
  const names = Array.from({ length: MANY }, (_, at) => `member-${at}`);
  const oneOf = fc.constantFrom(...names);
  const many = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ member: oneOf, score: fc.double({ min: -9, max: 9, noNaN: true }) }),
    },
    { weight: 2, arbitrary: fc.record({ member: oneOf, score: fc.integer({ min: -9, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ member: oneOf, score: number, subscore: number }) },
    { weight: 3, arbitrary: oneOf },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(many, { minLength: MANY, maxLength: MANY }), async (changes) => {
      const board = freshId("board");
      await boards["leaderboard.configure"]({ board, ...rules }, serverCall);
      const model = new BoardModel(rules);
      const walker = new Walker(board, model);
      const submits = names.map((member, at) => ({ member, score: at / 7 }));
      await walker.take({ do: "submitMany", submits });
      for (const change of changes) {
        if (typeof change === "string") await walker.take({ do: "remove", member: change });
        else await walker.take({ do: "submitMany", submits: [change] });
      }
      await walker.compareMany(names);
      await boards["leaderboard.delete"]({ board }, serverCall);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

it("LB2: equal scores of one batch rank in the order of the batch, and have the same time", async () => {
  const board = freshId("board");
  await boards["leaderboard.configure"]({ board }, serverCall);
  const scores = Array.from({ length: 100 }, (_, at) => ({ member: `m${at}`, score: 5 }));
  await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
  const page = { board, ranking: "ordinal", limit: 500 } as const;
  const { entries } = await boards["leaderboard.entries"](page, serverCall);
  expect(entries.map(({ member }) => member)).toEqual(scores.map(({ member }) => member));
  expect(new Set(entries.map(({ reachedAt }) => reachedAt)).size).toBe(1);
  const answer = await boards["leaderboard.submit"]({ board, member: "m7", score: 9 }, serverCall);
  expect((await boards["leaderboard.entries"](page, serverCall)).entries[0]).toEqual(answer.entry);
});

it("LB2: entries that are submitted at the same time rank in the order of submits, and need no records", async () => {
  const board = freshId("board");
  await boards["leaderboard.configure"]({ board }, serverCall);
  const submitAtOnce = (scoreOf: (at: number) => number) =>
    Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        boards["leaderboard.submit"]({ board, member: `m${at}`, score: scoreOf(at) }, serverCall),
      ),
    );
  await submitAtOnce((at) => at);
  const { records } = fixture.keys.board(board).season("all", "all");
  expect(await fixture.redis.commands.hlen(records)).toBe(0);

  const answers = await submitAtOnce(() => 1_000);
  const page = { board, ranking: "ordinal", limit: 500 } as const;
  const { entries } = await boards["leaderboard.entries"](page, serverCall);
  expect(entries).toEqual(answers.map(({ entry }) => entry));
});

/** Applies the same steps to a board and to its model, and compares their answers. */
class Walker {
  constructor(
    readonly board: string,
    readonly model: BoardModel,
  ) {}

  async take(next: Step): Promise<void> {
    const { board, model } = this;
    if (next.do === "submit") await this.#submit(next.submit);
    else if (next.do === "submitMany") await this.#submitMany(next.submits);
    else if (next.do === "remove") await this.#remove(next.member);
    else if (next.do === "close") await this.#close(next.window);
    else if (next.do === "read") {
      await this.compare(next.ranking, next.radius, next.limit);
      await this.#compareScore(next.ranking, next);
    } else {
      model.setHidden(next.member, next.do === "hide");
      const { hidden } = await boards[`leaderboard.${next.do}`]({ board, member: next.member }, serverCall);
      expect(hidden).toBe(next.do === "hide");
    }
  }

  async #submit(submit: ModelSubmit): Promise<void> {
    const { board, model } = this;
    const { member } = submit;
    const before = model.first.find(member);
    const ranksBefore = [...model.open.values()].map((season) => season.rankOf(member));
    const outcome = model.submit(submit);
    const answer = boards["leaderboard.submit"]({ board, ...submit }, serverCall);
    if (typeof outcome === "string") {
      const refused = await answer.catch((error: GrandstandError) => error);
      expect(refused).toMatchObject({ code: "conflict", issues: [{ path: "score", rule: outcome }] });
      return;
    }
    const { entry, previous, improved, windows } = await answer;
    expect(improved).toBe(outcome);
    expect(shown(entry)).toEqual(shown({ ...model.first.find(member)!, rank: model.first.rankOf(member)! }));
    expect(previous).toEqual(
      before ? { score: before.score + 0, subscore: before.subscore + 0, rank: ranksBefore[0] } : null,
    );
    [...model.open].forEach(([window, season], at) => {
      const rank = season.rankOf(member)!;
      const ahead = season.visible[rank - 2];
      const gap = ahead ? Math.abs(ahead.score - season.find(member)!.score) : null;
      const toNextRank = gap === Infinity ? Number.MAX_VALUE : gap;
      const previousRank = ranksBefore[at]!;
      season.trim();
      const isKept = season.find(member) !== undefined;
      expect(windows[window]).toMatchObject({ rank: isKept ? rank : null, previousRank, toNextRank });
    });
  }

  async #submitMany(submits: ModelSubmit[]): Promise<void> {
    const { model } = this;
    const input = { board: this.board, scores: submits };
    const { results } = await boards["leaderboard.submitMany"](input, serverCall);
    results.forEach((result, at) => {
      const { member } = submits[at]!;
      const outcome = model.submit(submits[at]!);
      const rank = model.first.rankOf(member);
      model.trim();
      if (typeof outcome === "string") {
        expect(result).toMatchObject({ ok: false, member, error: { issues: [{ rule: outcome }] } });
      } else expect(result).toMatchObject({ ok: true, member, rank, improved: outcome });
    });
  }

  async #remove(member: string): Promise<void> {
    const removed = boards["leaderboard.remove"]({ board: this.board, member }, serverCall);
    if (this.model.remove(member)) expect(await removed).toEqual({ removed: true });
    else await expect(removed).rejects.toMatchObject({ code: "not_found" });
  }

  async #close(window: string): Promise<void> {
    const { board, model } = this;
    const closing = boards["leaderboard.close"]({ board, window }, serverCall);
    if (!model.open.has(window)) {
      await expect(closing).rejects.toMatchObject({ code: "not_found" });
      return;
    }
    const { closed, next } = await closing;
    expect(closed.total).toBe(model.open.get(window)!.visible.length);
    expect(next.season).not.toBe(closed.season);
    model.close(window, closed.season);
  }

  /**
   * Reads every window in four ways: all entries in one page, page by page, several members with `lookup`, and each member
   * alone. Compares each result with the model.
   */
  async compare(ranking: Ranking, radius: number, limit: number): Promise<void> {
    for (const [window, season] of this.model.open) {
      const expected = ranked(season, ranking);
      const read = { board: this.board, window, ranking };
      const page = await boards["leaderboard.entries"]({ ...read, limit: 500 }, serverCall);
      expect(page).toMatchObject({ total: expected.length, nextCursor: null });
      expect(page.entries.map(shown)).toEqual(expected);
      expect((await this.#scroll(window, ranking, limit)).map(shown)).toEqual(expected);
      await this.#compareLookup(window, season, ranking);
      for (const member of members) await this.#compareMember(window, season, ranking, member, radius);
    }
  }

  /** Reads all pages of a board with many entries, and each member by its id, and compares them with the model. */
  async compareMany(names: string[]): Promise<void> {
    const expected = ranked(this.model.first, "ordinal");
    expect((await this.#scroll("all", "ordinal", 250)).map(shown)).toEqual(expected);
    const input = { board: this.board, ranking: "ordinal" as const, members: names };
    const { entries, notFound } = await boards["leaderboard.lookup"](input, serverCall);
    expect(entries.map(shown)).toEqual(expected);
    expect(notFound).toHaveLength(names.length - expected.length);
  }

  async #scroll(window: string, ranking: Ranking, limit: number): Promise<Entry[]> {
    const scrolled: Entry[] = [];
    for (let cursor: string | undefined; ; ) {
      const input = { board: this.board, window, ranking, limit, cursor };
      const { entries, nextCursor } = await boards["leaderboard.entries"](input, serverCall);
      scrolled.push(...entries);
      if (nextCursor === null) return scrolled;
      cursor = nextCursor;
    }
  }

  /** LB5: `lookup` returns its members in the board's order, each with the rank on the whole board. */
  async #compareLookup(window: string, season: SeasonModel, ranking: Ranking): Promise<void> {
    const asked = members.filter((_, at) => at % 3 !== 0);
    const input = { board: this.board, window, ranking, members: asked };
    const { entries, notFound } = await boards["leaderboard.lookup"](input, userCall("nobody"));
    const expected = ranked(season, ranking).filter(({ member }) => asked.includes(member));
    expect(entries.map(shown)).toEqual(expected);
    expect(notFound).toEqual(asked.filter((member) => !expected.some((one) => one.member === member)));
    const pairs = expected.map(({ score, subscore }) => `${score} ${subscore}`);
    const firstOf = (at: number) => pairs.indexOf(pairs[at]!);
    entries.forEach(({ place }, at) => {
      if (ranking === "ordinal") expect(place).toBe(at + 1);
      else if (ranking === "competition") expect(place).toBe(firstOf(at) + 1);
      else expect(place).toBe(new Set(pairs.slice(0, firstOf(at) + 1)).size);
    });
  }

  /** Compares one member's entry as a server, the member and another user see it. */
  async #compareMember(
    window: string,
    season: SeasonModel,
    ranking: Ranking,
    member: string,
    radius: number,
  ): Promise<void> {
    const input = { board: this.board, window, ranking, member };
    const entry = season.find(member);
    const asStranger = boards["leaderboard.entry"](input, userCall("nobody"));
    if (!entry || entry.isHidden) await expect(asStranger).rejects.toMatchObject({ code: "not_found" });
    else await asStranger;
    if (!entry) return;
    const ordinal = season.rankOf(member)!;
    const expected = shown({ ...entry, rank: season.rankUnder(ranking, entry, ordinal) });
    expect(shown(await boards["leaderboard.entry"](input, userCall(member)))).toEqual(expected);
    expect(shown(await boards["leaderboard.entry"](input, serverCall))).toEqual(expected);

    // LB4: `radius` entries on each side; at an end of the board, more entries of the other side.
    const all = ranked(season, ranking);
    const width = Math.min(2 * radius + 1, all.length);
    const first = Math.max(0, Math.min(ordinal - 1 - radius, all.length - width));
    const { entries } = await boards["leaderboard.around"]({ ...input, radius }, serverCall);
    expect(entries.map(shown)).toEqual(all.slice(first, first + width));
  }

  async #compareScore(
    ranking: Ranking,
    pair: { score: number; subscore: number; radius: number },
  ): Promise<void> {
    const season = this.model.first;
    const all = ranked(season, ranking);
    const ordinal = season.aheadOrLevel(pair) + 1;
    const input = { board: this.board, ranking, ...pair };
    const { do: _, limit: __, ...asked } = input as typeof input & { do?: string; limit?: number };
    const { entries, rank } = await boards["leaderboard.aroundScore"](asked, serverCall);
    expect(rank).toBe(season.rankUnder(ranking, pair, ordinal));
    const width = Math.min(2 * pair.radius + 1, all.length);
    const first = Math.max(0, Math.min(ordinal - 1 - pair.radius, all.length - width));
    expect(entries.map(shown)).toEqual(all.slice(first, first + width));
  }

  /** LB7: closed seasons are unchanged since their close. */
  async compareClosed(): Promise<void> {
    for (const { window, season, entries } of this.model.closed) {
      const input = { board: this.board, window, season, limit: 500, ranking: "ordinal" as const };
      const page = await boards["leaderboard.entries"](input, serverCall);
      expect(page.entries.map(shown)).toEqual(entries.map((entry, at) => shown({ ...entry, rank: at + 1 })));
    }
  }
}

/** The visible entries of a season with their ranks. */
function ranked(season: SeasonModel, ranking: Ranking) {
  return season.visible.map((entry, at) =>
    shown({ ...entry, rank: season.rankUnder(ranking, entry, at + 1) }),
  );
}

/** The fields that model and board must agree on. Adding 0 turns -0 into 0, as the board does. */
function shown({ member, score, subscore, rank }: Pick<Entry, "member" | "score" | "subscore" | "rank">) {
  return { member, score: score + 0, subscore: subscore + 0, rank };
}
