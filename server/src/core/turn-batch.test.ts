import { beforeEach, expect, it } from "vitest";
import { TurnBatch } from "./turn-batch.js";

let carriedOut: number[][];

beforeEach(() => {
  carriedOut = [];
});

function doubling() {
  return new TurnBatch<number, number>(async (asks) => {
    carriedOut.push(asks);
    return asks.map((ask) => 2 * ask);
  });
}

it("carries out the asks of one turn together, and gives each its own result", async () => {
  const batch = doubling();
  expect(await Promise.all([batch.ask(1), batch.ask(2), batch.ask(3)])).toEqual([2, 4, 6]);
  expect(carriedOut).toEqual([[1, 2, 3]]);
});

it("carries out an ask of a later turn in a later batch", async () => {
  const batch = doubling();
  expect(await batch.ask(1)).toBe(2);
  expect(await batch.ask(2)).toBe(4);
  expect(carriedOut).toEqual([[1], [2]]);
});

it("splits 600 asks of one turn into batches of at most 250", async () => {
  const batch = doubling();
  const asks = Array.from({ length: 600 }, (_, at) => at);
  expect(await Promise.all(asks.map((ask) => batch.ask(ask)))).toEqual(asks.map((ask) => 2 * ask));
  expect(carriedOut.map(({ length }) => length)).toEqual([250, 250, 100]);
});

it("a failed batch fails each of its asks, but no later ask", async () => {
  let isAway = true;
  const batch = new TurnBatch<number, number>(async (asks) => {
    if (isAway) throw new Error("away");
    return asks;
  });
  const outcomes = await Promise.allSettled([batch.ask(1), batch.ask(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isAway = false;
  expect(await batch.ask(3)).toBe(3);
});
