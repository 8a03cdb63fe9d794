import type { OutputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { SeriesInterval } from "@grandstand/shared/operations/counter";

const lengthsMs: Record<SeriesInterval, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export const intervals = Object.keys(lengthsMs) as SeriesInterval[];

/** The spans that series.lua takes: what each interval is called, how long it is, how many are kept. */
export const spans = JSON.stringify(
  intervals.map((interval) => [interval, lengthsMs[interval], limits.counterSeries[interval]]),
);

/**
 * The points of a series, those included in which nothing was counted.
 * @param now Redis's time in milliseconds
 * @param entries "<number of the interval> <count>", as read-series.lua returns them
 */
export function pointsOf(
  interval: SeriesInterval,
  last: number,
  now: number,
  entries: string[],
): OutputOf<"counter.series">["points"] {
  const counts = new Map(entries.map((entry) => entry.split(" ").map(Number) as [number, number]));
  const lengthMs = lengthsMs[interval];
  const first = Math.floor(now / lengthMs) - last + 1;
  return Array.from({ length: last }, (_, at) => ({
    at: new Date((first + at) * lengthMs).toISOString(),
    count: counts.get(first + at) ?? 0,
  }));
}
