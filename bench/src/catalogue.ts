import type { Benchmark } from "./benchmark.js";
import { batchSubmits } from "./benchmarks/batch-submits.js";
import { boardReads } from "./benchmarks/board-reads.js";
import { boardSize } from "./benchmarks/board-size.js";
import { chatFanout } from "./benchmarks/chat-fanout.js";
import { connectionMemory } from "./benchmarks/connection-memory.js";
import { counterAdds } from "./benchmarks/counter-adds.js";
import { presenceIdle } from "./benchmarks/presence-idle.js";
import { singleSubmits } from "./benchmarks/single-submits.js";

/** Every benchmark, in the order in which they run. */
export const catalogue: readonly Benchmark[] = [
  batchSubmits,
  singleSubmits,
  chatFanout,
  connectionMemory,
  presenceIdle,
  boardSize,
  boardReads,
  counterAdds,
];

/** Somebody asked for a benchmark that is not there. */
export class UnknownBenchmark extends Error {}

/**
 * Those that somebody named, by name or by budget; all when nobody named any.
 * @throws {UnknownBenchmark} naming those that are there.
 */
export function chosenFrom(names: readonly string[]): readonly Benchmark[] {
  const isMeant = ({ name, ids }: Benchmark, given: string) =>
    name === given || ids.includes(given.toUpperCase());
  const unknown = names.filter((given) => !catalogue.some((benchmark) => isMeant(benchmark, given)));
  if (unknown.length > 0) {
    const known = catalogue.map(({ name, ids }) => `  ${name} (${ids.join(", ")})`).join("\n");
    throw new UnknownBenchmark(`There is no benchmark ${unknown.join(", ")}. These are there:\n${known}`);
  }
  if (names.length === 0) return catalogue;
  return catalogue.filter((benchmark) => names.some((given) => isMeant(benchmark, given)));
}
