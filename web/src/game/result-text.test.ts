import { expect, it } from "vitest";
import { resultTextOf } from "./result-text.js";
import type { AcceptedScore } from "./useScoreSubmission.js";

const accepted: AcceptedScore = {
  kind: "accepted",
  score: 9_000,
  best: 9_000,
  rank: 4,
  previousRank: 9,
  improved: true,
};

it("shows the rank of a new best score, and how many places it climbed", () => {
  expect(resultTextOf(9_000, accepted)).toEqual({
    title: "Number 4.",
    text: "Your new best, and 5 places up.",
  });
  expect(resultTextOf(9_000, { ...accepted, previousRank: 5 }).text).toBe("Your new best, and 1 place up.");
  expect(resultTextOf(9_000, { ...accepted, previousRank: 4 }).text).toBe("Your new best.");
  expect(resultTextOf(9_000, { ...accepted, previousRank: null }).text).toBe(
    "Your first score is on the board.",
  );
});

it("shows the best score of a player whose new score is not better", () => {
  const worse = { ...accepted, best: 12_400, previousRank: 4, improved: false };
  expect(resultTextOf(9_000, worse)).toEqual({
    title: "Still number 4.",
    text: "Your best of 12,400 stands.",
  });
  expect(resultTextOf(9_000, { ...worse, best: 9_000 }).text).toBe("You matched your best.");
});

it("says that a score that could not be submitted yet is kept", () => {
  expect(resultTextOf(900, { kind: "queued", score: 1_900 }).text).toContain("Your 1,900 is kept");
});

it("gives the reason if the server refused the score", () => {
  expect(resultTextOf(900, { kind: "refused", score: 900, reason: "score is above 500" }).text).toBe(
    "The score was refused: score is above 500.",
  );
});

it("has a title of its own for a score of 0", () => {
  expect(resultTextOf(0, { kind: "none" }).title).toBe("Nothing scored.");
  expect(resultTextOf(10, { kind: "none" }).title).toBe("Full time.");
});
