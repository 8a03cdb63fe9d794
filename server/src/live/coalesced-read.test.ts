import { expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { CoalescedRead } from "./coalesced-read.js";

/** A source whose reads end when the test calls `succeed` or `fail`. */
function heldSource(options: { intervalMs?: number; retryMs?: number; maxCost?: number } = {}) {
  const reads: { requests: string[]; succeed(): void; fail(): void }[] = [];
  const failures: unknown[] = [];
  const coalesced = new CoalescedRead<string, number>({
    intervalMs: options.intervalMs ?? 0,
    retryMs: options.retryMs ?? 0,
    read: (requests) =>
      new Promise((resolve, reject) => {
        const number = reads.length;
        reads.push({ requests, succeed: () => resolve(number), fail: () => reject(new Error("away")) });
      }),
    onFailure: (error) => failures.push(error),
    costOf: () => 1,
    ...(options.maxCost !== undefined && { maxCost: options.maxCost }),
  });
  return { reads, failures, coalesced };
}

it("runs one read at a time; all calls of `request` during a read share the next read", async () => {
  const { reads, coalesced } = heldSource();
  const first = coalesced.request("a");
  const others = [coalesced.request("b"), coalesced.request("c")];
  expect(reads.map(({ requests }) => requests)).toEqual([["a"]]);
  reads[0]!.succeed();
  expect(await first).toBe(0);
  await eventually(() => expect(reads[1]?.requests).toEqual(["b", "c"]));
  reads[1]!.succeed();
  expect(await Promise.all(others)).toEqual([1, 1]);
  coalesced.close();
});

it("leaves the requests that exceed the cost of one read to the next read", async () => {
  const { reads, coalesced } = heldSource({ maxCost: 2 });
  const requests = ["a", "b", "c", "d"].map((request) => coalesced.request(request));
  for (const number of [0, 1, 2]) {
    await eventually(() => expect(reads).toHaveLength(number + 1));
    reads[number]!.succeed();
  }
  await Promise.all(requests);
  expect(reads.map((read) => read.requests)).toEqual([["a"], ["b", "c"], ["d"]]);
  coalesced.close();
});

it("keeps the interval between the starts of two reads", async () => {
  const startedAt: number[] = [];
  const coalesced = new CoalescedRead<null, null>({
    intervalMs: 30,
    retryMs: 0,
    read: async (_, at) => {
      startedAt.push(at);
      return null;
    },
    onFailure: () => {},
  });
  for (let number = 0; number < 3; number += 1) await coalesced.request(null);
  for (const [at, previous] of startedAt.slice(1).map((at, index) => [at, startedAt[index]!] as const)) {
    expect(at - previous).toBeGreaterThanOrEqual(29);
  }
  coalesced.close();
});

it("reads again for a change that was scheduled during a read", async () => {
  const { reads, coalesced } = heldSource();
  coalesced.schedule("change", performance.now());
  expect(reads).toHaveLength(1);
  coalesced.schedule("change", performance.now());
  expect(reads).toHaveLength(1);
  reads[0]!.succeed();
  await eventually(() => expect(reads).toHaveLength(2));
  reads[1]!.succeed();
  coalesced.close();
});

it("does not run a scheduled read after its reason was cancelled", async () => {
  const { reads, coalesced } = heldSource();
  coalesced.schedule("end", performance.now() + 5);
  coalesced.cancel("end");
  const changeAt = performance.now() + 20;
  coalesced.schedule("change", changeAt);
  await eventually(() => expect(reads).toHaveLength(1));
  expect(coalesced.startedAt).toBeGreaterThanOrEqual(changeAt);
  reads[0]!.succeed();
  coalesced.close();
});

it("rejects the requests that waited for a failed read, reports the failure, and retries the read", async () => {
  const { reads, failures, coalesced } = heldSource({ retryMs: 10 });
  const requested = coalesced.request("a");
  reads[0]!.fail();
  await expect(requested).rejects.toThrow("away");
  expect(failures).toHaveLength(1);
  await eventually(() => expect(reads).toHaveLength(2));
  reads[1]!.succeed();
  coalesced.close();
});

it("rejects all waiting requests when it closes", async () => {
  const { reads, coalesced } = heldSource();
  const first = coalesced.request("a");
  const second = coalesced.request("b");
  coalesced.close();
  await expect(second).rejects.toThrow();
  reads[0]!.succeed();
  expect(await first).toBe(0);
  await expect(coalesced.request("c")).rejects.toThrow();
  expect(reads).toHaveLength(1);
});
