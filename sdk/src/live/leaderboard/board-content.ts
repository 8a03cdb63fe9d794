import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import { withProfile, withProfiles } from "../channel/profile-change.js";
import { type BoardContent, emptyContent } from "./leaderboard-state.js";

/**
 * Replaces the content by a snapshot. Unchanged entries, and an unchanged list of entries, stay the same
 * objects.
 */
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
 * Applies `leaderboard.updated`: puts each row at its rank, and cuts the list to its new length.
 * @returns null if the list would have a gap, which means that the update does not follow this content
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

/** Applies `leaderboard.me`. */
export function applyMe(content: BoardContent, { entry }: LeaderboardMe): BoardContent {
  return settle(content, { ...content, me: keepOwn(content.me, entry) });
}

/** Applies `leaderboard.season_closed`: empties the content, until the first update of the next season. */
export function applySeasonClosed(content: BoardContent, closing: LeaderboardSeasonClosed): BoardContent {
  // A view whose snapshot is of the next season may still receive the end of the former season.
  if (content.season !== closing.closed.season) return { ...content, lastClosed: closing };
  const { season, endsAt } = closing.next;
  return { ...emptyContent, season, seasonEndsAt: endsAt, lastClosed: closing };
}

/** Applies `profile.updated`. */
export function applyProfile(content: BoardContent, change: ProfileUpdated): BoardContent {
  const me = content.me && withProfile(content.me, change);
  return settle(content, { ...content, entries: withProfiles(content.entries, change), me });
}

/** Returns `before` if nothing changed, and keeps the list of `before` if no row changed. */
function settle(before: BoardContent, after: BoardContent): BoardContent {
  return keepFields(before, { ...after, entries: sameList(before.entries, after.entries) });
}

/** Returns `before` if both lists have the same rows, else `after`. */
export function sameList(before: readonly Entry[], after: readonly Entry[]): readonly Entry[] {
  const isSame = before.length === after.length && before.every((entry, at) => entry === after[at]);
  return isSame ? before : after;
}

/** Returns `before` if all fields are the same, else `after`. */
export function keepFields<T extends object>(before: T, after: T): T {
  const isSame = (Object.keys(after) as (keyof T)[]).every((key) => before[key] === after[key]);
  return isSame ? before : after;
}

function keepOwn(before: Entry | null, after: Entry | null): Entry | null {
  return after && keep(before ?? undefined, after);
}

/** Returns `before` if both entries are equal, so that an unchanged row is not rendered again. */
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
