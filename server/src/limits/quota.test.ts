import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { type FreezableProxy, freezableProxy } from "../../test/support/freezable-proxy.js";
import { monitor } from "../../test/support/monitor.js";
import { freshPrefix } from "../../test/support/names.js";
import { Keys } from "../redis/keys.js";
import { LimitReached, type QuotaState } from "./limit-reached.js";
import { Quota } from "./quota.js";

let redis: Redis;
let proxy: FreezableProxy;
/** A node's own way to Redis, which can be cut. */
let proxied: Redis;
let keys: Keys;

beforeEach(async () => {
  const url = inject("redisUrl");
  proxy = await freezableProxy(url);
  redis = new Redis(url.replace(/^unix:\/\//, ""));
  proxied = new Redis(proxy.url, { maxRetriesPerRequest: 1, retryStrategy: () => 50 });
  proxied.on("error", () => {});
  await proxied.ping();
  keys = new Keys(freshPrefix());
});

afterEach(async () => {
  proxied.disconnect();
  await proxy.close();
  const left = await redis.keys(`${keys.limit("user", "*")}`);
  for (const key of left) expect(await redis.ttl(key)).toBeGreaterThan(0);
  if (left.length > 0) await redis.unlink(left);
  await redis.quit();
});

function quotaOf(points: number, windowSeconds = 60, connection = redis): Quota {
  return new Quota("user", "one user", { points, windowSeconds }, connection, (whose) =>
    keys.limit("user", whose),
  );
}

/** How many of these calls found points, made one behind the other. */
async function granted(quotas: Quota[], calls: number, cost = 1, whose = "ann"): Promise<number> {
  let count = 0;
  for (let at = 0; at < calls; at += 1) {
    try {
      await quotas[at % quotas.length]!.spend(whose, cost);
      count += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(LimitReached);
    }
  }
  return count;
}

describe("AU5: a quota", () => {
  it("gives out exactly its points, and says when there are more", async () => {
    const quota = quotaOf(25);
    expect(await granted([quota], 40)).toBe(25);
    const error: LimitReached = await Promise.resolve()
      .then(() => quota.spend("ann", 1))
      .catch((refusal) => refusal);
    expect(error.toWire()).toMatchObject({
      code: "rate_limited",
      message: expect.stringContaining("25 points in 60 s"),
    });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(() => quota.check("ann")).toThrow(LimitReached);
    // Others have points of their own.
    expect(await granted([quota], 1, 1, "bea")).toBe(1);
    quota.check("bea");
  });

  it("is one for all nodes: together they never give out more, and each keeps a tenth at most that it does not need", async () => {
    for (const [whose, share] of [
      ["ann", [0, 1, 2]],
      ["bea", [0, 0, 0, 0, 1]],
    ] as const) {
      const nodes = [quotaOf(100), quotaOf(100), quotaOf(100)];
      const count = await granted(
        share.map((at) => nodes[at]!),
        200,
        1,
        whose,
      );
      expect(count).toBeLessThanOrEqual(100);
      expect(count).toBeGreaterThanOrEqual(80);
    }
  });

  it("asks Redis once for a tenth of it, and calls at the same moment wait for the same block", async () => {
    const quota = quotaOf(1_000);
    const lines = await monitor(redis, async () => {
      await Promise.all(Array.from({ length: 100 }, () => quota.spend("ann", 1)));
    });
    expect(lines.filter((line) => /"evalsha"|"eval"/i.test(line)).length).toBeLessThanOrEqual(2);
    const later = await monitor(redis, async () => {
      for (let at = 0; at < 99; at += 1) await quota.spend("bea", 1);
    });
    expect(later.filter((line) => /"evalsha"/i.test(line))).toHaveLength(1);
    expect(quota.spend("bea", 1)).not.toBeInstanceOf(Promise);
  });

  it("knows what is left", async () => {
    const quota = quotaOf(100);
    const quotaState = (await quota.spend("ann", 7)) as QuotaState;
    expect(quotaState).toMatchObject({
      policy: { name: "user", points: 100, windowSeconds: 60 },
      remaining: 93,
    });
    await quota.spend("ann", 20);
    expect(quotaState.remaining).toBe(73);
  });

  it("lets nobody wait for ever for what costs more than all of it", async () => {
    expect(await granted([quotaOf(5)], 2, 20)).toBe(1);
  });

  it("is whole again when its window ends", async () => {
    const quota = quotaOf(3, 1);
    expect(await granted([quota], 5)).toBe(3);
    await eventually(() => quota.spend("ann", 1));
  });

  it("holds on each node by itself while Redis is away, at once", async () => {
    const nodes = [quotaOf(20, 60, proxied), quotaOf(20, 60, proxied)];
    proxy.freezeNew();
    proxy.cut();
    await eventually(() => expect(proxied.status).not.toBe("ready"));
    const startedAt = performance.now();
    for (const node of nodes) expect(await granted([node], 30)).toBe(20);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
