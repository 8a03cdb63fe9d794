/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no values have no median");
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("no values have no percentile");
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
 * How `ours` compares to `theirs`, measured in turns: the ratio of the medians. The spread is that of the
 * ratios within each round, whose two values met the same conditions of the machine.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError("each round needs a value on both sides");
  const perRound = ours.map((value, round) => value / theirs[round]!);
  return { ...spreadOf(perRound), median: median(ours) / median(theirs) };
}
