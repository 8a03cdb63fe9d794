import type {
  LeaderboardMe,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** The watched part of a board: its top entries, how many the board has, and the caller's own entry. */
export interface BoardContent {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly me: Entry | null;
}

export const emptyContent: BoardContent = { entries: [], total: 0, me: null };

/** The content that a snapshot tells of. What is as it was before keeps its identity. */
export function takeSnapshot(content: BoardContent, snapshot: LeaderboardSnapshot): BoardContent {
  return settle(content, {
    entries: snapshot.entries.map((entry, at) => keep(content.entries[at], entry)),
    total: snapshot.total,
    me: keepOwn(content.me, snapshot.me ?? null),
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

/** `before` when nothing in it changed, and its list when no row did. */
function settle(before: BoardContent, after: BoardContent): BoardContent {
  const isSameList =
    before.entries.length === after.entries.length &&
    before.entries.every((entry, at) => entry === after.entries[at]);
  if (!isSameList) return after;
  if (before.total === after.total && before.me === after.me) return before;
  return { ...after, entries: before.entries };
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
