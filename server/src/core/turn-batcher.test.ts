import { beforeEach, expect, it } from "vitest";
import { TurnBatcher } from "./turn-batcher.js";

let carriedOut: number[][];

beforeEach(() => {
  carriedOut = [];
});

function doubling() {
  return new TurnBatcher<number, number>(async (items) => {
    carriedOut.push(items);
    return items.map((item) => 2 * item);
  });
}

it("carries out the items of one turn together, and gives each item its own result", async () => {
  const batcher = doubling();
  expect(await Promise.all([batcher.add(1), batcher.add(2), batcher.add(3)])).toEqual([2, 4, 6]);
  expect(carriedOut).toEqual([[1, 2, 3]]);
});

it("carries out an item of a later turn in a later batch", async () => {
  const batcher = doubling();
  expect(await batcher.add(1)).toBe(2);
  expect(await batcher.add(2)).toBe(4);
  expect(carriedOut).toEqual([[1], [2]]);
});

it("splits 600 items of one turn into batches of at most 250", async () => {
  const batcher = doubling();
  const items = Array.from({ length: 600 }, (_, at) => at);
  expect(await Promise.all(items.map((item) => batcher.add(item)))).toEqual(items.map((item) => 2 * item));
  expect(carriedOut.map(({ length }) => length)).toEqual([250, 250, 100]);
});

it("a failed batch fails each of its items, but no later item", async () => {
  let isAway = true;
  const batcher = new TurnBatcher<number, number>(async (items) => {
    if (isAway) throw new Error("away");
    return items;
  });
  const outcomes = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isAway = false;
  expect(await batcher.add(3)).toBe(3);
});
