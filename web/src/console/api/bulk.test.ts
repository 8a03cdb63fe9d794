import { GrandstandError } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { type BulkReport, type BulkWork, inWords, runBulk } from "./bulk.js";

const ids = Array.from({ length: 14 }, (_, at) => `job-${at}`);

async function* pagesOf(...pages: string[][]) {
  yield* pages;
}

function work(change: BulkWork["change"], perCall = 1): BulkWork {
  return { pages: () => pagesOf(ids.slice(0, 8), ids.slice(7)), perCall, change };
}

const run = (of: BulkWork, count = ids.length, signal = new AbortController().signal) =>
  runBulk(of, count, signal, () => {});

it("OP15: an action on all items continues after an item fails, and reports how many items it changed and why others failed", async () => {
  const retried: string[] = [];
  const report = await run(
    work(async ([id]) => {
      if (id === "job-3" || id === "job-5") throw new GrandstandError("conflict", "The queue is full");
      retried.push(id!);
      return id === "job-13" ? 0 : 1;
    }),
  );
  expect(retried).toHaveLength(12);
  expect(inWords(report, "retried")).toBe(
    "11 of 14 retried; 1 had changed meanwhile; 2 failed: The queue is full",
  );
});

it("OP15: an action on all items changes at most as many items as the operator confirmed, several in each call", async () => {
  const calls: number[] = [];
  const report = await run(
    work(async (group) => calls.push(group.length) && group.length, 5),
    12,
  );
  expect(calls).toEqual([5, 5, 2]);
  expect(inWords(report, "replayed")).toBe("12 of 12 replayed");
});

it("OP15: an action on all items stops early when the operator leaves the page, and reports how many items it changed", async () => {
  const leave = new AbortController();
  const seen: BulkReport[] = [];
  const report = await runBulk(
    work(async () => {
      leave.abort();
      return 1;
    }),
    ids.length,
    leave.signal,
    (progress) => seen.push(progress),
  );
  expect(inWords(report, "removed")).toBe("Stopped: 8 of 14 removed");
  expect(seen.map(({ changed }) => changed)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it("OP15: an action on all items retries a rate-limited call after its delay, and fails if the operator's key lacks the scope", async () => {
  let refusals = 0;
  const limited = await run(
    work(async () => {
      refusals += 1;
      if (refusals === 1) throw new GrandstandError("rate_limited", "Too many calls", { retryAfterMs: 1 });
      return 1;
    }),
    1,
  );
  expect(inWords(limited, "retried")).toBe("1 of 1 retried");
  const forbidden = run(
    work(async () => {
      throw new GrandstandError("forbidden", "The key has no scope job:write");
    }),
  );
  await expect(forbidden).rejects.toThrow("The key has no scope job:write");
});

it("OP15: an action on all items repeats a call with the same idempotency key, and gives each call its own", async () => {
  const keys: string[][] = [];
  await run(
    work(async ([id], key) => {
      keys.push([id!, key]);
      if (keys.length === 1) throw new GrandstandError("unavailable", "No answer");
      return 1;
    }),
    2,
  );
  const [first, second, repeat] = keys;
  expect(repeat).toEqual(first);
  expect(second![1]).not.toBe(first![1]);
});

it("OP15: an action on all items that waits because of a limit ends at once when the operator stops it", async () => {
  const stop = new AbortController();
  const report = await run(
    work(async () => {
      setTimeout(() => stop.abort());
      throw new GrandstandError("rate_limited", "Too many calls", { retryAfterMs: 3_600_000 });
    }, ids.length),
    ids.length,
    stop.signal,
  );
  expect(inWords(report, "retried")).toBe("0 of 14 retried; 14 failed: Too many calls");
});
