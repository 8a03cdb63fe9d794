import type { Entry, LeaderboardSeasonClosed } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { displayName } from "../shell/display-name.js";
import { seasonResultText } from "./season-result.js";

function entryOf(member: string, rank: number, score: number): Entry {
  const profile = { name: member.toUpperCase(), avatar: null };
  return { member, rank, score, subscore: 0, metadata: null, profile, reachedAt: "2026-11-24T10:00:00.000Z" };
}

function closingOf(window: string, top: Entry[]): LeaderboardSeasonClosed {
  const at = "2026-11-24T00:00:00.000Z";
  const closed = { window, season: "s", startsAt: at, endsAt: at, closedAt: at, total: 1_204 };
  return { closed, top, next: { season: "t", endsAt: null } };
}

const top = [entryOf("ada", 1, 12_400), entryOf("ben", 2, 900)];

it("names the winner, and the reader's own rank", () => {
  expect(seasonResultText(closingOf("daily", top), "cleo", displayName)).toBe(
    "ADA won the day with 12,400 points.",
  );
  expect(seasonResultText(closingOf("weekly", top), "ada", displayName)).toBe(
    "You won the week with 12,400 points.",
  );
  expect(seasonResultText(closingOf("all", top), "ben", displayName)).toBe(
    "ADA won the season with 12,400 points. You came in at number 2 of 1,204.",
  );
});

it("returns null for a season without players", () => {
  expect(seasonResultText(closingOf("daily", []), "ada", displayName)).toBeNull();
});
