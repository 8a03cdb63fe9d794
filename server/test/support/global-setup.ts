import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { TestProject } from "vitest/node";
import { startEmbeddedRedis } from "../../src/redis/embedded/server.js";
import { startCluster } from "./redis/cluster.js";
import { startSentinels } from "./redis/sentinel.js";
import { RedisServers } from "./redis/servers.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The Redis that all test files share; each file has its own key prefixes. With Sentinels, it is the primary. */
    redisUrl: string;
    /** The kind of the Redis at `redisUrl`. */
    redisKind: "single" | "cluster" | "sentinel";
    /** The URL of the Sentinels that nodes ask for the primary; empty if `redisKind` is not "sentinel". */
    sentinelsUrl: string;
  }
}

/**
 * How long the primary must be silent before Sentinels replace it. No test stops the shared primary. The time is long, so
 * that Sentinels do not replace a primary that is only slow because the machine is busy.
 */
const SENTINEL_DOWN_AFTER_MS = 60_000;

const quiet = { info() {}, warn() {}, error() {} };

/**
 * Provides the real Redis of a Vitest project. Environment variables choose its kind, its program, or the URL of a Redis
 * that is running already. Without them, it is an embedded Redis in a temporary folder.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const kind = process.env.GRANDSTAND_TEST_REDIS_KIND;
  if (kind === "sentinel") {
    const sentinels = await startSentinels({ downAfterMs: SENTINEL_DOWN_AFTER_MS });
    const { host, port } = sentinels.primary;
    project.provide("redisKind", "sentinel");
    project.provide("redisUrl", `redis://${host}:${port}`);
    project.provide("sentinelsUrl", sentinels.url);
    return () => sentinels.close();
  }
  project.provide("sentinelsUrl", "");
  if (kind === "cluster") {
    const cluster = await startCluster({ replicasEach: 1 });
    const { host, port } = cluster.masters[0]!;
    project.provide("redisKind", "cluster");
    project.provide("redisUrl", `redis://${host}:${port}`);
    return () => cluster.close();
  }
  project.provide("redisKind", "single");
  const program = process.env.GRANDSTAND_TEST_REDIS_PROGRAM;
  if (program) {
    const servers = await RedisServers.open(program);
    const { host, port, client } = await servers.start({});
    project.provide("redisUrl", `redis://${host}:${port}`);
    const endWatch = process.env.GRANDSTAND_TEST_SLOTS ? await watchSlots(client) : async () => {};
    return async () => {
      await endWatch().finally(() => servers.close());
    };
  }
  const given = process.env.GRANDSTAND_TEST_REDIS_URL;
  if (given) {
    project.provide("redisUrl", given);
    return undefined;
  }
  const dataDir = await mkdtemp(join(tmpdir(), "grandstand-test-"));
  const redis = await startEmbeddedRedis({ dataDir, log: quiet });
  project.provide("redisUrl", `unix://${redis.socketPath}`);
  return async () => {
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

/**
 * @returns a function that ends the watch, and fails the run if a Cluster would have refused one of the
 * scripts
 */
async function watchSlots(redis: Redis): Promise<() => Promise<void>> {
  // Importing the node registers the scripts of all domains. The import takes time, so only runs with a watch do it.
  const [{ SlotWatch }] = await Promise.all([import("./redis/slot-watch.js"), import("../../src/node.js")]);
  const watch = await SlotWatch.start(redis);
  return async () => {
    await watch.stop();
    // Each Vitest project has its own Redis. If no test of the project runs, there is nothing to report.
    if (watch.scripts.size === 0) return;
    const violations = [...watch.violations];
    console.log(
      `${watch.scripts.size} scripts ran, ${violations.length} violations of the rules of a Cluster`,
    );
    if (violations.length === 0) return;
    console.error(violations.join("\n"));
    // Vitest ignores errors after the tests, so the exit code is set directly.
    process.exitCode = 1;
  };
}
