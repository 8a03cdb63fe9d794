import type { OutputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { SeriesInterval } from "@grandstand/shared/operations/counter";
import { toIsoTime } from "../../core/iso-time.js";

const lengthsMs: Record<SeriesInterval, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export const intervalNames = Object.keys(lengthsMs) as SeriesInterval[];

/** The arguments of series.lua for one interval. */
export function intervalArguments(name: SeriesInterval) {
  return { name, lengthMs: lengthsMs[name], keptCount: limits.counterSeries[name] };
}

/**
 * The points of the last intervals, up to the current one. An interval that `counts` lacks has the count 0.
 * @param nowMs the time by the clock of Redis
 * @param counts elements of the series (series.lua), each as "<number of the interval since 1970> <count>"
 */
export function pointsOf(
  interval: SeriesInterval,
  last: number,
  nowMs: number,
  counts: string[],
): OutputOf<"counter.series">["points"] {
  const countOf = new Map(counts.map((entry) => entry.split(" ").map(Number) as [number, number]));
  const lengthMs = lengthsMs[interval];
  const first = Math.floor(nowMs / lengthMs) - last + 1;
  return Array.from({ length: last }, (_, at) => ({
    at: toIsoTime((first + at) * lengthMs),
    count: countOf.get(first + at) ?? 0,
  }));
}
