import { ratioOf, type Spread, spreadOf } from "./statistics.js";

/**
 * A bound on the ratio of Grandstand's value to the baseline's value, or on Grandstand's value itself if there is no baseline.
 * The baseline is the software that Grandstand is compared with.
 */
export interface Budget {
  bound: "at least" | "at most";
  value: number;
}

/** How a cost grows with a size. docs/benchmarks.md shows it as a plot and as a table. */
export interface Curve {
  /** What grows, such as `members of the board`. */
  size: string;
  /** What is measured at each size, and its unit. */
  cost: string;
  unit: string;
  points: { size: number; cost: number }[];
}

/** The result of one measurement over several rounds. */
export interface Finding {
  /** The id of the budget, such as `B1`. */
  id: string;
  what: string;
  unit: string;
  /** Grandstand's values, one per round. */
  ours: number[];
  /** The baseline's values of the same rounds; null if the budget bounds the value itself. */
  baseline: { name: string; values: number[] } | null;
  budget: Budget;
  /**
   * Further values of Grandstand by name, such as the CPU time of one submit in µs. Each list has one value per round.
   * The targets in targets.ts limit these values.
   */
  figures?: Record<string, number[]>;
  /** Texts that help to interpret the numbers, by name. */
  notes: Record<string, string>;
  curve?: Curve;
}

export interface Verdict {
  /** The ratio or the value that the budget bounds. */
  compared: Spread;
  isMet: boolean;
}

/** Compares the median with the budget, because other load on the machine can distort single rounds. */
export function judge({ ours, baseline, budget }: Finding): Verdict {
  const compared = baseline ? ratioOf(ours, baseline.values) : spreadOf(ours);
  const isMet =
    budget.bound === "at least" ? compared.median >= budget.value : compared.median <= budget.value;
  return { compared, isMet };
}
