import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
import { toIsoTime } from "../../core/iso-time.js";

/** A season in the board's HASH of seasons (season-record.lua). */
export interface SeasonRecord {
  window: string;
  season: string;
  startsAtMs: number;
  endsAtMs: number | null;
  closedAtMs: number | null;
  /** The offset of the publication that announced the close in the board's channel; null for an open season. */
  closingOffset: number | null;
  /** The final number of entries; null for an open season. */
  total: number | null;
}

/** Parses the value of the HASH field `<window> <season>`. */
export function seasonRecord(window: string, season: string, text: string): SeasonRecord {
  const [startsAtMs, endsAtMs, closedAtMs, closingOffset, total] = text
    .split(" ")
    .map((part) => (part === "-" ? null : Number(part)));
  return {
    window,
    season,
    startsAtMs: startsAtMs ?? 0,
    endsAtMs: endsAtMs ?? null,
    closedAtMs: closedAtMs ?? null,
    closingOffset: closingOffset ?? null,
    total: total ?? null,
  };
}

/** Parses a HASH field `<window> <season>` and its value. */
export function seasonRecordOf(field: string, text: string): SeasonRecord {
  const [window, season] = field.split(" ", 2);
  return seasonRecord(window!, season!, text);
}

/** The season as calls return it. @param total the current number of entries, if the season is open */
export function seasonOf(record: SeasonRecord, total = record.total ?? 0): Season {
  return {
    window: record.window,
    season: record.season,
    startsAt: toIsoTime(record.startsAtMs),
    endsAt: isoOrNull(record.endsAtMs),
    closedAt: isoOrNull(record.closedAtMs),
    total,
  };
}

/** The closed seasons to delete: in each window all but the last `retained`, and all seasons of removed windows. */
export function surplusOf(
  records: SeasonRecord[],
  windows: ReadonlySet<string>,
  retained: number,
): SeasonRecord[] {
  const newestFirst = records
    .filter(({ closingOffset }) => closingOffset !== null)
    .sort((one, other) => other.closingOffset! - one.closingOffset!);
  const counts = new Map<string, number>();
  return newestFirst.filter(({ window }) => {
    const number = (counts.get(window) ?? 0) + 1;
    counts.set(window, number);
    return !windows.has(window) || number > retained;
  });
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : toIsoTime(ms);
}
