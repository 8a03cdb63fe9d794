import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/**
 * The watched part of a window: its season, the top entries, how many there are, the caller's own entry, and the last
 * season that was seen to end.
 */
export interface BoardContent {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly me: Entry | null;
  readonly season: string | null;
  readonly seasonEndsAt: string | null;
  readonly lastClosed: LeaderboardSeasonClosed | null;
}

export const emptyContent: BoardContent = {
  entries: [],
  total: 0,
  me: null,
  season: null,
  seasonEndsAt: null,
  lastClosed: null,
};

/** The content that a snapshot tells of. What is as it was before keeps its identity. */
export function takeSnapshot(content: BoardContent, snapshot: LeaderboardSnapshot): BoardContent {
  return settle(content, {
    ...content,
    entries: snapshot.entries.map((entry, at) => keep(content.entries[at], entry)),
    total: snapshot.total,
    me: keepOwn(content.me, snapshot.me ?? null),
    season: snapshot.season,
    seasonEndsAt: snapshot.seasonEndsAt,
  });
}

/**
 * The content after `leaderboard.updated`: each row at its rank, then cut to the view's length.
 * @returns null when the update leaves a gap, so that it can't be about this content.
 */
export function applyUpdated(content: BoardContent, update: LeaderboardUpdated): BoardContent | null {
  const entries = content.entries.slice(0, update.length);
  const ranked = update.rows.toSorted((one, other) => one.rank - other.rank);
  for (const row of ranked) {
    const at = row.rank - 1;
    if (at > entries.length) return null;
    if (at < update.length) entries[at] = keep(content.entries[at], row);
  }
  if (entries.length !== update.length) return null;
  return settle(content, { ...content, entries, total: update.total });
}

/** The content after `leaderboard.me`. */
export function applyMe(content: BoardContent, { entry }: LeaderboardMe): BoardContent {
  return settle(content, { ...content, me: keepOwn(content.me, entry) });
}

/** The content after `leaderboard.season_closed`: empty, until what follows tells of the next season. */
export function applySeasonClosed(content: BoardContent, closing: LeaderboardSeasonClosed): BoardContent {
  // A view that began with the next season may still hear of the end of this one.
  if (content.season !== closing.closed.season) return { ...content, lastClosed: closing };
  const { season, endsAt } = closing.next;
  return { ...emptyContent, season, seasonEndsAt: endsAt, lastClosed: closing };
}

/** `before` when nothing in it changed, and its list when no row did. */
function settle(before: BoardContent, after: BoardContent): BoardContent {
  return keepFields(before, { ...after, entries: sameList(before.entries, after.entries) });
}

/** `before` when it has the same rows. */
export function sameList(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
  const isSame = before.length === after.length && before.every((entry, at) => entry === after[at]);
  return isSame ? before : after;
}

/** `before` when each of its fields is the same. */
export function keepFields<T extends object>(before: T, after: T): T {
  const isSame = (Object.keys(after) as (keyof T)[]).every((key) => before[key] === after[key]);
  return isSame ? before : after;
}

function keepOwn(before: Entry | null, after: Entry | null): Entry | null {
  return after && keep(before ?? undefined, after);
}

/** `before` when both say the same: rows that did not change need no new rendering. */
function keep(before: Entry | undefined, after: Entry): Entry {
  const isSame =
    before !== undefined &&
    before.member === after.member &&
    before.rank === after.rank &&
    before.score === after.score &&
    before.subscore === after.subscore &&
    before.reachedAt === after.reachedAt &&
    JSON.stringify([before.metadata, before.profile]) === JSON.stringify([after.metadata, after.profile]);
  return isSame ? before : after;
}
