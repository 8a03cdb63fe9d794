import { expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { Batcher, KeyedBatcher } from "./batcher.js";

/** A run that answers each call with its input, and records the inputs of each run. */
function echo() {
  const runs: number[][] = [];
  const run = async (asked: number[]) => {
    runs.push(asked);
    return asked;
  };
  return { runs, run };
}

it("CN3: the first call after an idle tick runs at once, and the calls of the next tick run together, in order", async () => {
  const { runs, run } = echo();
  const gathering = new Batcher(run);
  const answers = [1, 2, 3, 4].map((asked) => gathering.add(asked));
  expect(runs).toEqual([[1]]);
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4]);
  expect(runs).toEqual([[1], [2, 3, 4]]);
});

it("CN3: runs are at least 10 ms apart, however many calls there are", async () => {
  const ranAt: number[] = [];
  const gathering = new Batcher(async (asked: number[]) => {
    ranAt.push(performance.now());
    return asked;
  });
  const endAt = performance.now() + 300;
  while (performance.now() < endAt) await gathering.add(1);
  expect(ranAt.length).toBeGreaterThan(3);
  // A timer of Node counts whole milliseconds, so it can end up to one earlier.
  for (const [at, time] of ranAt.slice(1).entries()) expect(time - ranAt[at]!).toBeGreaterThan(9);
});

it("a run has at most 1,000 calls: the others wait for the next run", async () => {
  const { runs, run } = echo();
  const gathering = new Batcher(run);
  const asked = Array.from({ length: 2_101 }, (_, at) => at);
  expect(await Promise.all(asked.map((one) => gathering.add(one)))).toEqual(asked);
  expect(runs.map(({ length }) => length)).toEqual([1, 1_000, 1_000, 100]);
});

it("calls are answered after their run, and a failed run fails all its calls", async () => {
  const outcomes: string[] = [];
  let runs = 0;
  const gathering = new Batcher(async (asked: string[]) => {
    runs += 1;
    if (runs === 2) throw new Error("gone");
    return asked;
  });
  const ask = (name: string) =>
    gathering.add(name).then(
      (answer) => outcomes.push(answer),
      () => outcomes.push(`${name} failed`),
    );
  await Promise.all(["a", "b", "c"].map(ask));
  expect(outcomes).toEqual(["a", "b failed", "c failed"]);
  await ask("d");
  expect(outcomes.at(-1)).toBe("d");
});

it("removes the batcher of a key after a tick without calls", async () => {
  const { run } = echo();
  const gatherings = new KeyedBatcher(() => run);
  await Promise.all(["a", "b", "a"].map((counter) => gatherings.add(counter, 1)));
  expect(gatherings.size).toBeGreaterThan(0);
  await eventually(() => expect(gatherings.size).toBe(0));
});
