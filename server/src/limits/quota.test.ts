import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { expectWithin } from "../../test/support/expect-within.js";
import { type FreezableProxy, freezableProxy } from "../../test/support/freezable-proxy.js";
import { monitor } from "../../test/support/monitor.js";
import { freshPrefix } from "../../test/support/names.js";
import { connectTestRedis, isCluster, type TestRedis } from "../../test/support/redis-client.js";
import { Keys } from "../redis/keys.js";
import { LimitReached, type QuotaState } from "./limit-reached.js";
import { Quota } from "./quota.js";

let direct: TestRedis;
let redis: TestRedis["commands"];
let proxy: FreezableProxy;
/** A node's connections to Redis, which a test can cut. */
let proxied: TestRedis;
let prefix: string;
let keys: Keys;

beforeEach(async () => {
  const url = inject("redisUrl");
  proxy = await freezableProxy(url);
  direct = await connectTestRedis();
  redis = direct.commands;
  proxied = await connectTestRedis(proxy.url);
  prefix = freshPrefix();
  keys = new Keys(prefix);
});

afterEach(async () => {
  await proxied.close();
  await proxy.close();
  const left = await redis.keys(`${keys.limit("user", "*")}`);
  for (const key of left) expect(await redis.ttl(key)).toBeGreaterThan(0);
  for (const key of left) await redis.unlink(key);
  await direct.close();
});

function quotaOf(points: number, windowSeconds = 60, connection = redis): Quota {
  return new Quota("user", "one user", { points, windowSeconds }, connection, (whose) =>
    keys.limit("user", whose),
  );
}

/** The runs of scripts on keys of this test. Other tests use the same Redis. */
function scriptsOf(commands: string[]): string[] {
  return commands.filter((line) => line.includes(prefix) && /"eval(sha)?"/i.test(line));
}

/** Makes calls one after the other. @returns how many of them got points */
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
  it("grants exactly its points, and says when it renews", async () => {
    const quota = quotaOf(25);
    expect(await granted([quota], 40)).toBe(25);
    const error: LimitReached = await Promise.resolve()
      .then(() => quota.spend("ann", 1))
      .catch((refusal) => refusal);
    expect(wireErrorOf(error)).toMatchObject({
      code: "rate_limited",
      message: expect.stringContaining("25 points in 60 s"),
    });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(() => quota.check("ann")).toThrow(LimitReached);
    // Another user has a quota of its own.
    expect(await granted([quota], 1, 1, "bea")).toBe(1);
    quota.check("bea");
  });

  it("is shared by all nodes: together they grant at most its points, and at least four fifths of them", async () => {
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

  it.skipIf(isCluster)(
    "is taken from Redis a tenth at a time, and concurrent calls share one request to Redis",
    async () => {
      const quota = quotaOf(1_000);
      const lines = await monitor(redis, async () => {
        await Promise.all(Array.from({ length: 100 }, () => quota.spend("ann", 1)));
      });
      // If Redis does not know the script yet, EVALSHA fails and EVAL follows.
      expect(scriptsOf(lines).length).toBeLessThanOrEqual(2);
      const later = await monitor(redis, async () => {
        for (let at = 0; at < 99; at += 1) await quota.spend("bea", 1);
      });
      expect(scriptsOf(later)).toHaveLength(1);
      expect(quota.spend("bea", 1)).not.toBeInstanceOf(Promise);
    },
  );

  it("returns its state, which later calls keep up to date", async () => {
    const quota = quotaOf(100);
    const quotaState = (await quota.spend("ann", 7)) as QuotaState;
    expect(quotaState).toMatchObject({
      policy: { name: "user", points: 100, windowSeconds: 60 },
      remaining: 93,
    });
    await quota.spend("ann", 20);
    expect(quotaState.remaining).toBe(73);
  });

  it("grants a call that costs more than all its points once per window", async () => {
    expect(await granted([quotaOf(5)], 2, 20)).toBe(1);
  });

  it("is full again when its window ends", async () => {
    const quota = quotaOf(3, 1);
    expect(await granted([quota], 5)).toBe(3);
    await eventually(() => quota.spend("ann", 1));
  });

  it.skipIf(isCluster)("is enforced by each node alone while Redis is down, without delay", async () => {
    const nodes = [quotaOf(20, 60, proxied.commands), quotaOf(20, 60, proxied.commands)];
    proxy.freezeNew();
    proxy.cut();
    await eventually(() => expect(proxied.commands.status).not.toBe("ready"));
    const startedAt = performance.now();
    for (const node of nodes) expect(await granted([node], 30)).toBe(20);
    expectWithin(2_000, startedAt);
  });
});
