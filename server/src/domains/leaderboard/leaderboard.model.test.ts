import type { GrandstandError } from "@grandstand/shared/errors";
import {
  type BoardConfig,
  boardConfig,
  type ScoreOperator,
} from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BoardModel, type ModelSubmit } from "../../testing/board-model.js";
import { type DomainGround, domainGround, serverCall } from "../../testing/domain.js";
import { freshId } from "../../testing/names.js";
import { leaderboardHandlers } from "./handlers.js";

type Handlers = ReturnType<typeof leaderboardHandlers>;

let ground: DomainGround;
let boards: Handlers;

beforeAll(async () => {
  ground = await domainGround();
  boards = leaderboardHandlers(ground.boards);
});

afterAll(() => ground.redis.close());

/** Few values, so that ties are common, and the far ends of what a double can be. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 2, arbitrary: fc.constantFrom(0.1, 0.2, 0.1 + 0.2, -0.5, 1e-300, Number.MIN_VALUE) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(2 ** 53, 2 ** 53 - 1, -(2 ** 53), Number.MAX_VALUE, -Number.MAX_VALUE),
  },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
);

const member = fc.constantFrom("ann", "bo", "cy", "dí", "🎯", "a b", "x:{y}", "a", "aa", "b", "zoë", "0");
const operator = fc.constantFrom<ScoreOperator[]>("best", "last", "sum");

const submit: fc.Arbitrary<ModelSubmit> = fc.record(
  { member, score: number, subscore: number, operator },
  { requiredKeys: ["member", "score"] },
);

type Step =
  | { do: "submit"; submit: ModelSubmit }
  | { do: "submitMany"; submits: ModelSubmit[] }
  | { do: "remove"; member: string }
  | { do: "read"; radius: number; limit: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant("submit" as const), submit }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("submitMany" as const),
      submits: fc.array(submit, { minLength: 1, maxLength: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), member }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      radius: fc.integer({ min: 0, max: 8 }),
      limit: fc.integer({ min: 1, max: 7 }),
    }),
  },
);

const limits: Partial<BoardConfig>[] = [
  {},
  {},
  { min: -1 },
  { max: 2 },
  { maxDelta: 1 },
  { min: -2, max: 1e9, maxDelta: 3 },
];

const config: fc.Arbitrary<BoardConfig> = fc
  .record({
    order: fc.constantFrom<BoardConfig["order"][]>("desc", "asc"),
    operator,
    limits: fc.constantFrom(...limits),
  })
  .map(({ limits, ...rules }) => boardConfig.parse({ ...rules, ...limits }));

/** 40 boards of 500 steps: 20,000, and more as some steps are batches. A failing seed is printed. */
it("LB2, LB4, LB6, LB8: a board is a sorted array, over 20,000 operations", {
  timeout: 120_000,
}, async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(config, fc.array(step, { minLength: 500, maxLength: 500 }), async (rules, walk) => {
      const board = freshId("board");
      await boards["leaderboard.configure"]({ board, ...rules }, serverCall);
      const model = new BoardModel(rules);
      for (const next of walk) await take(next, board, model);
      await compareWhole(board, model, 3);
      steps += walk.length;
    }),
    { numRuns: 40, endOnFailure: true },
  );
  expect(steps).toBe(20_000);
});

async function take(next: Step, board: string, model: BoardModel): Promise<void> {
  if (next.do === "submit") await takeSubmit(next.submit, board, model);
  else if (next.do === "submitMany") await takeBatch(next.submits, board, model);
  else if (next.do === "remove") await takeRemove(next.member, board, model);
  else {
    await compareWhole(board, model, next.limit);
    await compareAround(board, model, next.radius);
  }
}

async function takeSubmit(submit: ModelSubmit, board: string, model: BoardModel): Promise<void> {
  const before = model.entries.find((entry) => entry.member === submit.member);
  const rankBefore = model.rankOf(submit.member);
  const outcome = model.submit(submit);
  if (typeof outcome === "string") {
    const refused = await boards["leaderboard.submit"]({ board, ...submit }, serverCall).catch(
      (error: GrandstandError) => error,
    );
    expect(refused).toMatchObject({ code: "conflict", issues: [{ path: "score", rule: outcome }] });
    return;
  }
  const { entry, previous, improved } = await boards["leaderboard.submit"]({ board, ...submit }, serverCall);
  const rank = model.rankOf(submit.member)!;
  expect(shown(entry)).toEqual(shown({ ...model.entries[rank - 1]!, rank }));
  expect(improved).toBe(outcome);
  expect(previous).toEqual(
    before ? { score: before.score + 0, subscore: before.subscore + 0, rank: rankBefore } : null,
  );
}

async function takeBatch(submits: ModelSubmit[], board: string, model: BoardModel): Promise<void> {
  const { results } = await boards["leaderboard.submitMany"]({ board, scores: submits }, serverCall);
  results.forEach((result, at) => {
    const { member } = submits[at]!;
    const outcome = model.submit(submits[at]!);
    const rank = model.rankOf(member);
    if (typeof outcome === "string") {
      expect(result).toMatchObject({ ok: false, member, error: { issues: [{ rule: outcome }] } });
    } else expect(result).toMatchObject({ ok: true, member, rank, improved: outcome });
  });
}

async function takeRemove(member: string, board: string, model: BoardModel): Promise<void> {
  const removed = boards["leaderboard.remove"]({ board, member }, serverCall);
  if (model.remove(member)) expect(await removed).toEqual({ removed: true });
  else await expect(removed).rejects.toMatchObject({ code: "not_found" });
}

/** Reads the whole board by offset, by cursor and entry by entry. */
async function compareWhole(board: string, model: BoardModel, limit: number): Promise<void> {
  const expected = model.entries.map((entry, at) => shown({ ...entry, rank: at + 1 }));
  const read = { board, ranking: "ordinal" as const };
  const page = await boards["leaderboard.entries"]({ ...read, limit: 500 }, serverCall);
  expect(page).toMatchObject({ total: expected.length, nextCursor: null });
  expect(page.entries.map(shown)).toEqual(expected);
  const scrolled: Entry[] = [];
  for (let cursor: string | undefined; ; ) {
    const { entries, nextCursor } = await boards["leaderboard.entries"](
      { ...read, limit, cursor },
      serverCall,
    );
    scrolled.push(...entries);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  expect(scrolled.map(shown)).toEqual(expected);
  for (const entry of expected) {
    const found = await boards["leaderboard.entry"]({ ...read, member: entry.member }, serverCall);
    expect(shown(found)).toEqual(entry);
  }
}

async function compareAround(board: string, model: BoardModel, radius: number): Promise<void> {
  const expected = model.entries.map((entry, at) => shown({ ...entry, rank: at + 1 }));
  const width = Math.min(2 * radius + 1, expected.length);
  for (const { member, rank } of expected) {
    const input = { board, member, radius, ranking: "ordinal" as const };
    const { entries } = await boards["leaderboard.around"](input, serverCall);
    const first = Math.max(0, Math.min(rank - 1 - radius, expected.length - width));
    expect(entries.map(shown)).toEqual(expected.slice(first, first + width));
  }
}

/** What model and board must agree on. Zero has one sign on a board. */
function shown({ member, score, subscore, rank }: Pick<Entry, "member" | "score" | "subscore" | "rank">) {
  return { member, score: score + 0, subscore: subscore + 0, rank };
}
