import type { Counter, CounterConfig, CounterKind } from "@grandstand/shared/operations/counter";
import { toIsoTime } from "../../core/iso-time.js";

/** The argument of configure.lua for a rule that stays as it is. */
const KEEP = "keep";

/** A counter's rules as arguments of configure.lua. An empty string removes a bound. */
export function ruleArguments({ kind, min, max, add, series, thresholds }: CounterConfig) {
  return {
    kind: kind ?? KEEP,
    min: text(min),
    max: text(max),
    add: add ?? KEEP,
    series: series?.join(" ") ?? KEEP,
    thresholds: thresholds?.join(" ") ?? KEEP,
  };
}

/** The fields of a counter's meta HASH (state.lua). There are none for a counter that does not exist. */
export type Meta = Partial<Record<string, string>>;

/** A threshold that was crossed. */
export interface Crossing {
  threshold: number;
  /** The counter's value after the change that crossed the threshold. */
  value: number;
  /** The offset of that change. */
  offset: number;
  /** When the threshold was crossed, by the clock of Redis. */
  crossedAtMs: number;
}

export function counterValueOf(counter: string, { kind = "total", value = "0" }: Meta) {
  return { counter, kind: kind as CounterKind, value: Number(value) };
}

export function counterOf(counter: string, meta: Meta): Counter {
  const limit = (name: string) => (meta[name] === undefined ? null : Number(meta[name]));
  const armed = words(meta.armed).map((at) => ({ at: Number(at), crossedAt: null }));
  const crossed = crossingsOf(meta.crossed).map(({ threshold, crossedAtMs }) => ({
    at: threshold,
    crossedAt: toIsoTime(crossedAtMs),
  }));
  return {
    ...counterValueOf(counter, meta),
    min: limit("min"),
    max: limit("max"),
    add: (meta.add ?? "server") as Counter["add"],
    series: words(meta.series) as Counter["series"],
    thresholds: [...armed, ...crossed].sort((one, other) => one.at - other.at),
    createdAt: meta.createdAt === undefined ? null : toIsoTime(meta.createdAt),
  };
}

/** Decodes the meta field `crossed` (state.lua). Sorts by offset, oldest first, because configure.lua may change the order. */
export function crossingsOf(crossed: string | undefined): Crossing[] {
  const crossings = words(crossed).map((crossing) => {
    const [threshold, value, offset, crossedAtMs] = crossing.split(":").map(Number);
    return { threshold: threshold!, value: value!, offset: offset!, crossedAtMs: crossedAtMs! };
  });
  return crossings.sort((one, other) => one.offset - other.offset);
}

function words(text = ""): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function text(limit: number | null | undefined): string {
  if (limit === undefined) return KEEP;
  return limit === null ? "" : String(limit);
}
