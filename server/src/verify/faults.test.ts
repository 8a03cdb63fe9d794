import { expect, it } from "vitest";
import { faultsFor } from "./faults.js";
import { Random } from "./random.js";
import type { Reader } from "./reader.js";

it("OP11: the numbers that follow `drop clients` are the same, however many readers are live", async () => {
  const numbers = [0, 1, 6].map(async (liveCount) => {
    const random = new Random(7);
    const readers = Array.from({ length: 6 }, (_, at) => ({ isLive: at < liveCount, drop() {} }) as Reader);
    await faultsFor({ servers: [], nodes: null }).get("drop clients")!({
      random,
      servers: [],
      readers,
      nodes: null,
    });
    return random.next();
  });
  expect(new Set(await Promise.all(numbers)).size).toBe(1);
});
