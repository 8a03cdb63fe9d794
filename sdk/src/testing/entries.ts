import type { LeaderboardSeasonClosed, LeaderboardUpdated } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

export function entryOf(member: string, rank: number, score = 1000 - rank): Entry {
  return {
    member,
    score,
    subscore: 0,
    rank,
    metadata: { level: 1 },
    profile: null,
    reachedAt: "2025-01-01T00:00:00.000Z",
  };
}

/** The first `count` entries of a board whose members are m1, m2, ... */
export function topOf(count: number): Entry[] {
  return Array.from({ length: count }, (_, at) => entryOf(`m${at + 1}`, at + 1));
}

/** The event that the server sends when a view's list changes from `before` to `after`. */
export function difference(
  before: readonly Entry[],
  after: readonly Entry[],
  total: number,
): LeaderboardUpdated {
  const rows = after.filter((entry, at) => JSON.stringify(entry) !== JSON.stringify(before[at]));
  return { total, length: after.length, rows };
}

/** The event that the server sends at the end of a season. */
export function closingOf(
  season: string,
  next: LeaderboardSeasonClosed["next"],
  top: Entry[] = [],
): LeaderboardSeasonClosed {
  return {
    closed: {
      window: "daily",
      season,
      startsAt: "2025-01-01T00:00:00.000Z",
      endsAt: "2025-01-02T00:00:00.000Z",
      closedAt: "2025-01-02T00:00:00.000Z",
      total: top.length,
    },
    top,
    next,
  };
}
