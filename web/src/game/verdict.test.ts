import { expect, it } from "vitest";
import type { Landed } from "./useLanding.js";
import { verdictOf } from "./verdict.js";

const landed: Landed = {
  kind: "landed",
  score: 9_000,
  best: 9_000,
  rank: 4,
  previousRank: 9,
  improved: true,
};

it("tells where a score landed, and how far it climbed", () => {
  expect(verdictOf(9_000, landed)).toEqual({ title: "Number 4.", text: "Your new best, and 5 places up." });
  expect(verdictOf(9_000, { ...landed, previousRank: 5 }).text).toBe("Your new best, and 1 place up.");
  expect(verdictOf(9_000, { ...landed, previousRank: 4 }).text).toBe("Your new best.");
  expect(verdictOf(9_000, { ...landed, previousRank: null }).text).toBe("Your first score is on the board.");
});

it("says that a better score stands", () => {
  const worse = { ...landed, best: 12_400, previousRank: 4, improved: false };
  expect(verdictOf(9_000, worse)).toEqual({ title: "Still number 4.", text: "Your best of 12,400 stands." });
  expect(verdictOf(9_000, { ...worse, best: 9_000 }).text).toBe("You matched your best.");
});

it("promises a score that could not be sent yet", () => {
  expect(verdictOf(900, { kind: "kept", score: 1_900 }).text).toContain("Your 1,900 is kept");
});

it("gives the reason of a refusal", () => {
  expect(verdictOf(900, { kind: "refused", score: 900, reason: "score is above 500" }).text).toBe(
    "The score was refused: score is above 500.",
  );
});

it("sends nothing where nothing was scored", () => {
  expect(verdictOf(0, { kind: "none" }).title).toBe("Nothing scored.");
  expect(verdictOf(10, { kind: "none" }).title).toBe("Full time.");
});
