import type { Json } from "@grandstand/shared/json";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";

let fixture: DomainFixture;
let boards: LeaderboardModule["operations"];
let encoded: Required<NonNullable<LeaderboardModule["encodedOperations"]>>;

beforeAll(async () => {
  fixture = await domainFixture();
  const module = leaderboardModule(fixture.dependencies);
  boards = module.operations;
  encoded = module.encodedOperations as typeof encoded;
});

afterAll(() => fixture.redis.close());

/** Any text, including characters that JSON escapes and characters of several bytes. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom('"', "\\", "\u2028", "\ufeff", "é", "漢字", "👩‍👩‍👧", "\ud800", "a\ud800", "{}", "%s %d"),
);
const id = text.filter((one) => /^[^\p{Cc}\p{Cs}]{1,128}$/u.test(one));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    0,
    -0,
    0.1,
    5e-324,
    1e21,
    1e22,
    -1e21,
    1.7976931348623157e308,
    2 ** 53 - 1,
    1e-7,
    123456.789,
  ),
);
const profile = fc.record({ name: fc.string({ maxLength: 10 }), avatar: fc.option(fc.webUrl()) });
const entry = fc.record(
  {
    member: id,
    score: number,
    subscore: number,
    metadata: fc.option(fc.dictionary(text, fc.jsonValue() as fc.Arbitrary<Json>), { freq: 3 }),
    profile: fc.option(profile, { freq: 3 }),
    isHidden: fc.boolean(),
    isKnown: fc.boolean(),
  },
  { requiredKeys: ["member", "score"] },
);
const config = fc.record({
  order: fc.constantFrom("desc" as const, "asc" as const),
  subscoreOrder: fc.constantFrom("same" as const, "reverse" as const),
});

/** The JSON that a transport sends when it encodes the plain answer itself. */
async function plainJson(answer: Promise<object>): Promise<string> {
  const value = await answer;
  await fixture.dependencies.profiles.show(value);
  return JSON.stringify(value);
}

async function encodedJson(answer: ReturnType<(typeof encoded)["leaderboard.entries"]>): Promise<string> {
  return (await answer).json.toString();
}

it("an encoded page is byte for byte the JSON of the plain answer, for any entries and callers", async () => {
  await fc.assert(
    fc.asyncProperty(
      config,
      fc.uniqueArray(entry, { selector: ({ member }) => member, minLength: 0, maxLength: 25 }),
      async (rules, entries) => {
        const board = freshId("board");
        await boards["leaderboard.configure"]({ board, ...rules }, serverCall);
        for (const { isHidden, isKnown, profile, ...score } of entries) {
          // The profile that is stored with the entry differs from the user's present one.
          const stored = profile === undefined ? {} : { profile };
          await boards["leaderboard.submit"]({ board, ...score, ...stored }, serverCall);
          if (isKnown) {
            await fixture.dependencies.profiles.set(
              score.member,
              { name: `now ${score.member}`, avatar: null },
              null,
            );
          }
          if (isHidden) await boards["leaderboard.hide"]({ board, member: score.member }, serverCall);
        }
        const callers: Call[] = [serverCall, userCall(entries[0]?.member ?? "nobody")];
        for (const ranking of ["ordinal", "competition", "dense"] as const) {
          for (const call of callers) {
            const read = { board, ranking, limit: 7 };
            const first = await boards["leaderboard.entries"](read, call);
            for (const more of [
              {},
              { offset: 3 },
              ...(first.nextCursor ? [{ cursor: first.nextCursor }] : []),
            ]) {
              const input = { ...read, ...more };
              const expected = await plainJson(boards["leaderboard.entries"](input, call));
              expect(await encodedJson(encoded["leaderboard.entries"](input, call))).toBe(expected);
            }
            const score = { board, ranking, score: entries[0]?.score ?? 0, subscore: 0, radius: 3 };
            expect(await encodedJson(encoded["leaderboard.aroundScore"](score, call))).toBe(
              await plainJson(boards["leaderboard.aroundScore"](score, call)),
            );
            const member = entries[0]?.member;
            if (member === undefined) continue;
            const around = { board, ranking, member, radius: 3 };
            expect(await encodedJson(encoded["leaderboard.around"](around, call))).toBe(
              await plainJson(boards["leaderboard.around"](around, call)),
            );
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

it("a page of 500 entries with large metadata is encoded completely", async () => {
  const board = freshId("board");
  await boards["leaderboard.configure"]({ board }, serverCall);
  const metadata = { text: "x".repeat(300) };
  const scores = Array.from({ length: 500 }, (_, at) => ({
    member: `m${at}`.padEnd(at % 128, "-"),
    score: at,
    metadata,
  }));
  await boards["leaderboard.submitMany"]({ board, scores }, serverCall);
  const input = { board, ranking: "ordinal" as const, limit: 500 };
  expect(await encodedJson(encoded["leaderboard.entries"](input, serverCall))).toBe(
    await plainJson(boards["leaderboard.entries"](input, serverCall)),
  );
});
