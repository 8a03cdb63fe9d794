import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { catalogue } from "./catalogue.js";
import { capacityPage, unitCosts } from "./report/capacity.js";
import { chartOf } from "./report/chart.js";
import { documentOf, type Result } from "./report/document.js";

const root = new URL("../../", import.meta.url);

/**
 * Writes docs/benchmarks.md and its charts from the last results of each benchmark. Also writes docs/capacity.md, if
 * the results contain every cost that docs/capacity.md needs. Results of quick runs are ignored, because their numbers mean
 * nothing.
 */
const results = catalogue.flatMap(({ name }): Result[] => {
  const file = new URL(`bench/results/${name}.json`, root);
  if (!existsSync(file)) return [];
  const result = JSON.parse(readFileSync(file, "utf8")) as Result;
  return result.isQuick ? [] : [result];
});
if (results.length === 0)
  throw new Error("There are no results of a full run. Run `npm run bench` first, without --quick.");

for (const { id, curve } of results.flatMap(({ findings }) => findings)) {
  if (curve) writeFileSync(new URL(`docs/images/bench-${id.toLowerCase()}.svg`, root), chartOf(curve));
}
const page = documentOf(results, (id) => `images/bench-${id.toLowerCase()}.svg`);
writeFileSync(new URL("docs/benchmarks.md", root), page);
console.log(`Wrote docs/benchmarks.md from ${results.map(({ name }) => name).join(", ")}`);

const costs = unitCosts(results.flatMap(({ findings }) => findings));
if (costs === null) {
  console.log("Left docs/capacity.md as it is: not all of its costs were measured");
} else {
  const { cpu, cores, node } = results[0]!.machine;
  writeFileSync(new URL("docs/capacity.md", root), capacityPage(costs, `${cores} x ${cpu}, Node.js ${node}`));
  console.log("Wrote docs/capacity.md");
}
