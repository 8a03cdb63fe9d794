import { setImmediate as turnEnds } from "node:timers/promises";
import { expect, it } from "vitest";
import { SharedReads } from "./shared-reads.js";

it("shares a read among the calls that arrive before the read begins, and not with a later call", async () => {
  const reads = new SharedReads<number>();
  const ends: (() => void)[] = [];
  const run = () => new Promise<number>((resolve) => ends.push(() => resolve(ends.length)));
  const [first, second] = [reads.read("a", run), reads.read("a", run)];
  expect(second).toBe(first);
  expect(reads.read("b", run)).not.toBe(first);
  expect(ends).toHaveLength(0);
  await turnEnds();
  expect(ends).toHaveLength(2);
  // The first read is still running. The later caller may have written after that read began, and must see its own write.
  const later = reads.read("a", run);
  expect(later).not.toBe(first);
  await turnEnds();
  expect(ends).toHaveLength(3);
  for (const end of ends) end();
  expect(await Promise.all([first, later])).toEqual([3, 3]);
});
