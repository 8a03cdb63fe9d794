import { expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { Batcher, KeyedBatcher } from "./batcher.js";

/** `run` returns the items that it receives. `runs` has the items of each run. */
function echo() {
  const runs: number[][] = [];
  const run = async (items: number[]) => {
    runs.push(items);
    return items;
  };
  return { runs, run };
}

it("CN3: the first item after an idle tick runs at once, and the items of the next tick run together, in order", async () => {
  const { runs, run } = echo();
  const batcher = new Batcher(run);
  const results = [1, 2, 3, 4].map((item) => batcher.add(item));
  expect(runs).toEqual([[1]]);
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
  expect(runs).toEqual([[1], [2, 3, 4]]);
});

it("CN3: runs are on average at least 10 ms apart, however many items are added", async () => {
  const ranAt: number[] = [];
  const batcher = new Batcher(async (items: number[]) => {
    ranAt.push(performance.now());
    return items;
  });
  const startedAt = performance.now();
  while (performance.now() < startedAt + 300) await batcher.add(1);
  expect(ranAt.length).toBeGreaterThan(3);
  // The test checks the average: a busy machine may measure one run late, and the next one on time.
  expect(ranAt.at(-1)! - startedAt).toBeGreaterThanOrEqual((ranAt.length - 1) * 10);
});

it("a run has at most 1,000 items: the others wait for the next run", async () => {
  const { runs, run } = echo();
  const batcher = new Batcher(run);
  const items = Array.from({ length: 2_101 }, (_, at) => at);
  expect(await Promise.all(items.map((item) => batcher.add(item)))).toEqual(items);
  expect(runs.map(({ length }) => length)).toEqual([1, 1_000, 1_000, 100]);
});

it("`add` resolves after the run of its item, and a failed run rejects `add` for each of its items", async () => {
  const outcomes: string[] = [];
  let runs = 0;
  const batcher = new Batcher(async (items: string[]) => {
    runs += 1;
    if (runs === 2) throw new Error("gone");
    return items;
  });
  const add = (name: string) =>
    batcher.add(name).then(
      (result) => outcomes.push(result),
      () => outcomes.push(`${name} failed`),
    );
  await Promise.all(["a", "b", "c"].map(add));
  expect(outcomes).toEqual(["a", "b failed", "c failed"]);
  await add("d");
  expect(outcomes.at(-1)).toBe("d");
});

it("removes the batcher of a key after a tick without items", async () => {
  const { run } = echo();
  const batchers = new KeyedBatcher(() => run);
  await Promise.all(["a", "b", "a"].map((counter) => batchers.add(counter, 1)));
  expect(batchers.size).toBeGreaterThan(0);
  await eventually(() => expect(batchers.size).toBe(0));
});
