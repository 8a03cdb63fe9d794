import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { type EmbeddedRedis, startEmbeddedRedis } from "../../redis/embedded/server.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import { counterHandlers } from "./handlers.js";

let dataDir: string;
/** A Redis server for this file alone, so that its statistics count no commands of other tests. */
let server: EmbeddedRedis;
let fixture: DomainFixture;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "grandstand-writes-"));
  server = await startEmbeddedRedis({ dataDir, log: { info() {}, warn() {}, error() {} } });
  fixture = await domainFixture(`unix://${server.socketPath}`);
});

afterAll(async () => {
  await fixture.redis.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function calls(): Promise<Record<string, number>> {
  const stats = await fixture.redis.commands.info("commandstats");
  return Object.fromEntries(
    [...stats.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)].map(([, name, count]) => [name!, Number(count)]),
  );
}

it.each(["without", "with"])(
  "CN3: a counter hit 10,000 times a second, %s idempotency keys, causes at most 100 script runs a second from a node",
  async (keys) => {
    const counter = freshId("counter");
    const counters = counterHandlers(fixture.dependencies);
    // The counter keeps a series, so that each run writes more than one key.
    const rules = {
      kind: "total" as const,
      add: "server" as const,
      thresholds: [],
      series: ["minute" as const],
    };
    await counters["counter.configure"]({ counter, ...rules }, serverCall);
    const add = (number: number) => {
      const idempotency =
        keys === "with" ? idempotencyOf("server", "counter.add", `${number}`, { counter, by: 1 }) : null;
      return counters["counter.add"]({ counter, by: 1 }, { ...serverCall, idempotency });
    };

    const before = await calls();
    const startedAt = performance.now();
    const additions: Promise<{ value: number }>[] = [];
    while (additions.length < 10_000) {
      for (let count = 0; count < 40; count += 1) additions.push(add(additions.length));
      // Keeps the pace of ten adds per ms. The wait is 0 when the loop is behind its pace.
      await setTimeout(Math.max(0, startedAt + additions.length / 10 - performance.now()));
    }
    const values = (await Promise.all(additions)).map(({ value }) => value);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await calls();

    expect(values).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1));
    const of = (...names: string[]) =>
      names.reduce((sum, name) => sum + (after[name] ?? 0) - (before[name] ?? 0), 0);
    const runs = of("evalsha", "eval");
    expect(runs).toBeGreaterThan(10);
    // One run for each batch window of 10 ms, and one for the first add, which is sent at once.
    expect(runs).toBeLessThanOrEqual(100 * seconds + 1);
    expect(of("hset")).toBeLessThanOrEqual((keys === "with" ? 2 : 1) * runs);
    expect(of("lset", "rpush")).toBeLessThanOrEqual(runs);
    expect(of("set", "incrby", "hincrby", "pexpire")).toBeLessThanOrEqual(10);
    expect(of("publish", "spublish")).toBeLessThanOrEqual(seconds * (1_000 / 95) + 1);
  },
);
