import type { Benchmark } from "./benchmark.js";
import { batchSubmits } from "./benchmarks/batch-submits.js";
import { boardReads } from "./benchmarks/board-reads.js";
import { boardSize } from "./benchmarks/board-size.js";
import { chatDelivery } from "./benchmarks/chat-delivery.js";
import { chatFanout } from "./benchmarks/chat-fanout.js";
import { connectionAccept } from "./benchmarks/connection-accept.js";
import { connectionMemory } from "./benchmarks/connection-memory.js";
import { counterAdds } from "./benchmarks/counter-adds.js";
import { growth } from "./benchmarks/growth.js";
import { hooksCost } from "./benchmarks/hooks-cost.js";
import { metricsCost } from "./benchmarks/metrics-cost.js";
import { presenceIdle } from "./benchmarks/presence-idle.js";
import { boardPages } from "./benchmarks/reads.js";
import { reconnectStorm } from "./benchmarks/reconnect-storm.js";
import { singleSubmits } from "./benchmarks/single-submits.js";
import { workers } from "./benchmarks/workers.js";

/** All benchmarks, in the order in which they run. */
export const catalogue: readonly Benchmark[] = [
  batchSubmits,
  singleSubmits,
  chatFanout,
  chatDelivery,
  connectionMemory,
  connectionAccept,
  presenceIdle,
  boardSize,
  boardReads,
  boardPages,
  counterAdds,
  reconnectStorm,
  workers,
  metricsCost,
  hooksCost,
  growth,
];

/** The command line names a benchmark that does not exist. */
export class UnknownBenchmark extends Error {}

/**
 * The benchmarks with the given names; all of them if `names` is empty. The id of a budget (a required result), such as
 * `B3`, stands for the benchmarks that check the budget.
 * @throws {UnknownBenchmark} with a list of all names.
 */
export function chosenFrom(names: readonly string[]): readonly Benchmark[] {
  const matches = ({ name, ids }: Benchmark, given: string) =>
    name === given || ids.includes(given.toUpperCase());
  const unknown = names.filter((given) => !catalogue.some((benchmark) => matches(benchmark, given)));
  if (unknown.length > 0) {
    const known = catalogue.map(({ name, ids }) => `  ${name} (${ids.join(", ")})`).join("\n");
    throw new UnknownBenchmark(`There is no benchmark ${unknown.join(", ")}. The benchmarks are:\n${known}`);
  }
  if (names.length === 0) return catalogue;
  return catalogue.filter((benchmark) => names.some((given) => matches(benchmark, given)));
}
