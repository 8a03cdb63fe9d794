import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedRedis } from "../../src/redis/embedded/server.js";
import { startCluster } from "./redis/cluster.js";
import { RedisServers } from "./redis/servers.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The Redis that all test files share, each with prefixes of its own. */
    redisUrl: string;
    /** What kind of Redis it is. */
    redisKind: "single" | "cluster";
  }
}

const quiet = { info() {}, warn() {}, error() {} };

/** One real Redis for the whole run: GRANDSTAND_TEST_REDIS_URL, or a private one in a temporary folder. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.env.GRANDSTAND_TEST_REDIS_KIND === "cluster") {
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
    const { host, port } = await servers.start({});
    project.provide("redisUrl", `redis://${host}:${port}`);
    return () => servers.close();
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
