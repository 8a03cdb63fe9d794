/** The round numbers that the demo page celebrates. */
const milestones = [
  250, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 50_000, 75_000,
  100_000,
];

const cheer = (value) => ({
  rules: { add: "anyone", series: ["minute", "hour", "day"], thresholds: milestones },
  value,
});

/**
 * The counters of the demo with their rules. Each cheer counter also has a first value, shortly before the next
 * milestone. A counter of the kind `unique` begins empty.
 */
export const demoCounters = [
  { counter: "cheers:claps", ...cheer(962) },
  { counter: "cheers:drums", ...cheer(473) },
  { counter: "cheers:horns", ...cheer(231) },
  { counter: "gate", rules: { kind: "unique", add: "anyone", series: ["hour", "day"] } },
];
