/** The middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("the median of no values does not exist");
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A percentile: for the share 0.99, the value that 99% of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("a percentile of no values does not exist");
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export interface Spread {
  lowest: number;
  median: number;
  highest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { lowest: Math.min(...values), median: median(values), highest: Math.max(...values) };
}

/**
 * The ratio of `ours` to `theirs`. `median` is the ratio of the two medians. `lowest` and `highest` are
 * ratios of single rounds, because the two values of one round were measured under the same conditions.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError("each round needs a value on both sides");
  const perRound = ours.map((value, round) => value / theirs[round]!);
  return { ...spreadOf(perRound), median: median(ours) / median(theirs) };
}
