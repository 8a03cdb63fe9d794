import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closingOf, difference, entryOf, topOf } from "../../testing/entries.js";
import { applyMe, applyProfile, applySeasonClosed, applyUpdated, takeSnapshot } from "./board-content.js";
import { type BoardContent, emptyContent } from "./leaderboard-state.js";

function contentOf(entries: Entry[], total = entries.length): BoardContent {
  return takeSnapshot(emptyContent, { entries, total, season: "all", seasonEndsAt: null });
}

/** Generates the top of a board from few members and scores, so that two boards have many rows in common. */
const top = fc
  .uniqueArray(
    fc.record({
      member: fc.constantFrom(..."abcdefghijklmno"),
      score: fc.integer({ min: 0, max: 3 }),
      metadata: fc.constantFrom(null, { car: 1 }, { car: 2 }),
    }),
    { selector: ({ member }) => member, maxLength: 10 },
  )
  .map((rows) =>
    rows
      .sort((one, other) => other.score - one.score)
      .map(({ member, score, metadata }, at): Entry => ({ ...entryOf(member, at + 1, score), metadata })),
  );

it("OP8: a rename changes the user's row and own entry, and keeps the identity of all other rows", () => {
  const profile = { name: "Countess", avatar: null };
  const entries = topOf(3);
  const [first, second] = entries as [Entry, Entry];
  const content = applyMe(contentOf(entries), { entry: structuredClone(second) });
  const renamed = applyProfile(content, { user: second.member, profile });
  expect(renamed.entries.map((entry) => entry.profile)).toEqual([null, profile, null]);
  expect(renamed.me?.profile).toEqual(profile);
  expect(renamed.entries[0]).toBe(content.entries[0]);
  expect(renamed.entries[2]).toBe(content.entries[2]);
  expect(applyProfile(renamed, { user: second.member, profile })).toBe(renamed);
  expect(applyProfile(content, { user: "nobody", profile })).toBe(content);
  expect(first.profile).toBeNull();
});

describe("applyUpdated", () => {
  it("LB9 keeps the content equal to the board over any sequence of updates", () => {
    fc.assert(
      fc.property(fc.array(top, { minLength: 1 }), ([first = [], ...rest]) => {
        let content = contentOf(first);
        let sent = first;
        for (const board of rest) {
          const update = difference(sent, board, board.length + 5);
          content = applyUpdated(content, update) ?? expect.fail("the update left a gap");
          expect(content.entries).toEqual(board);
          expect(content.total).toBe(board.length + 5);
          sent = board;
        }
      }),
    );
  });

  it("keeps the identity of every unchanged row, even if the update contains all rows", () => {
    fc.assert(
      fc.property(top, top, (before, after) => {
        const content = contentOf(before);
        const update = { total: after.length, length: after.length, rows: structuredClone(after) };
        const { entries } = applyUpdated(content, update) ?? expect.fail("the update left a gap");
        after.forEach((entry, at) => {
          const isSame = JSON.stringify(entry) === JSON.stringify(before[at]);
          expect(entries[at] === content.entries[at]).toBe(isSame);
        });
      }),
    );
  });

  it("returns the same content when nothing changed", () => {
    const content = contentOf(topOf(3));
    expect(applyUpdated(content, { total: 3, length: 3, rows: structuredClone(topOf(3)) })).toBe(content);
  });

  it("keeps the list when only the total changed", () => {
    const content = contentOf(topOf(3), 3);
    const after = applyUpdated(content, { total: 4, length: 3, rows: [] });
    expect(after?.total).toBe(4);
    expect(after?.entries).toBe(content.entries);
  });

  it("returns null if an update would leave a gap, or a list shorter than its `length`", () => {
    const content = contentOf(topOf(2));
    expect(applyUpdated(content, { total: 4, length: 4, rows: [entryOf("m4", 4)] })).toBeNull();
    expect(applyUpdated(content, { total: 4, length: 4, rows: [entryOf("m3", 3)] })).toBeNull();
  });
});

describe("applyMe", () => {
  it("sets, keeps and clears the own entry", () => {
    const content = contentOf(topOf(1));
    const mine = applyMe(content, { entry: entryOf("me", 40) });
    expect(mine.me).toEqual(entryOf("me", 40));
    expect(mine.entries).toBe(content.entries);
    expect(applyMe(mine, { entry: entryOf("me", 40) })).toBe(mine);
    expect(applyMe(mine, { entry: null }).me).toBeNull();
  });
});

describe("applySeasonClosed", () => {
  const closing = closingOf("all", { season: "all.2", endsAt: null }, topOf(3));

  it("LB7 empties the content, names the next season, and keeps the final standings", () => {
    const after = applySeasonClosed({ ...contentOf(topOf(3)), me: entryOf("me", 9) }, closing);
    expect(after).toEqual({ ...emptyContent, season: "all.2", lastClosed: closing });
    const later = applyUpdated(after, { total: 1, length: 1, rows: [entryOf("ada", 1)] });
    expect(later).toMatchObject({ entries: [entryOf("ada", 1)], season: "all.2", lastClosed: closing });
  });

  it("keeps the content if the closed season is not the season of the content", () => {
    const content = { ...contentOf(topOf(2)), season: "all.2" };
    expect(applySeasonClosed(content, closing)).toEqual({ ...content, lastClosed: closing });
  });
});
