import { ratioOf, type Spread, spreadOf } from "./statistics.js";

/** What must hold: of the ratio to the peer, or without a peer of the value itself. */
export interface Budget {
  bound: "at least" | "at most";
  value: number;
}

/** One thing that was measured, in several rounds. */
export interface Finding {
  /** The budget's name, as in `B1`. */
  id: string;
  what: string;
  unit: string;
  /** Grandstand's values, one a round. */
  ours: number[];
  /** What it is compared with, in the same rounds; null when the budget is a bound on the value itself. */
  peer: { name: string; values: number[] } | null;
  budget: Budget;
  /** What helps to read the numbers, by name. */
  notes: Record<string, string>;
}

export interface Verdict {
  /** What the budget bounds: the ratio, or the value. */
  compared: Spread;
  isMet: boolean;
}

/** Judges by the median: single rounds belong to whoever else uses the machine. */
export function judge({ ours, peer, budget }: Finding): Verdict {
  const compared = peer ? ratioOf(ours, peer.values) : spreadOf(ours);
  const isMet =
    budget.bound === "at least" ? compared.median >= budget.value : compared.median <= budget.value;
  return { compared, isMet };
}
