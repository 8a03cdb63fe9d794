import type { Season } from "@grandstand/shared/operations/leaderboard/seasons";

/** A season as the board's hash of seasons holds it (season.lua); null for what does not apply. */
export interface SeasonRecord {
  window: string;
  season: string;
  startsAtMs: number;
  endsAtMs: number | null;
  closedAtMs: number | null;
  /** The board's offset at its closing. */
  closing: number | null;
  /** Its final number of entries. */
  total: number | null;
}

/** Reads the value under `<window> <season>`. */
export function seasonRecord(window: string, season: string, text: string): SeasonRecord {
  const [startsAtMs, endsAtMs, closedAtMs, closing, total] = text
    .split(" ")
    .map((part) => (part === "-" ? null : Number(part)));
  return {
    window,
    season,
    startsAtMs: startsAtMs ?? 0,
    endsAtMs: endsAtMs ?? null,
    closedAtMs: closedAtMs ?? null,
    closing: closing ?? null,
    total: total ?? null,
  };
}

/** Reads a field `<window> <season>` and its value. */
export function seasonRecordOf(field: string, text: string): SeasonRecord {
  const [window, season] = field.split(" ", 2);
  return seasonRecord(window!, season!, text);
}

/** The closed season as everyone sees it; the open one when its `total` is given. */
export function seasonOf(record: SeasonRecord, total = record.total ?? 0): Season {
  return {
    window: record.window,
    season: record.season,
    startsAt: new Date(record.startsAtMs).toISOString(),
    endsAt: isoOrNull(record.endsAtMs),
    closedAt: isoOrNull(record.closedAtMs),
    total,
  };
}

/** The closed seasons that are no longer kept: those beyond the number kept, and those of windows that are gone. */
export function surplusOf(
  records: SeasonRecord[],
  windows: ReadonlySet<string>,
  retained: number,
): SeasonRecord[] {
  const newestFirst = records
    .filter(({ closing }) => closing !== null)
    .sort((one, other) => other.closing! - one.closing!);
  const kept = new Map<string, number>();
  return newestFirst.filter(({ window }) => {
    const number = (kept.get(window) ?? 0) + 1;
    kept.set(window, number);
    return !windows.has(window) || number > retained;
  });
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
