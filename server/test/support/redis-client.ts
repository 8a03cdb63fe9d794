import { Cluster, Redis } from "ioredis";
import { inject } from "vitest";
import { parseRedisUrl } from "../../src/config/redis-url.js";
import { connectRedis, type RedisConnections } from "../../src/redis/client.js";
import { redisAccess } from "./redis/access.js";
import { silentLog } from "./silent-log.js";

/** The connections of a node, with all commands of Redis for the test's own use. */
export interface TestRedis extends RedisConnections {
  commands: RedisConnections["commands"] & Redis;
}

export async function connectTestRedis(testUrl = inject("redisUrl")): Promise<TestRedis> {
  const { url, sentinel } = redisAccess(testUrl);
  const redis = (await connectRedis(url, silentLog, { sentinel })) as TestRedis;
  if (redis.commands.isCluster) readAllServers(redis.commands as unknown as Cluster);
  return redis;
}

/**
 * Tests that put a proxy in front of one server, or write keys of several slots at once, are skipped on a
 * Cluster.
 */
export const isCluster = inject("redisKind") === "cluster";

/** A client for a test's own commands. Where the tests run on a Cluster, it is a client of the Cluster. */
export function redisClient(url = inject("redisUrl")): Redis {
  if (!isCluster) return new Redis(url.replace("unix://", ""));
  const cluster = new Cluster(parseRedisUrl(url).hosts, { shardedSubscribers: true });
  readAllServers(cluster);
  return cluster as unknown as Redis;
}

/** Lets KEYS read the keys of all servers of a Cluster. */
function readAllServers(cluster: Cluster): void {
  const keys = async (pattern: string) => {
    const found = await Promise.all(cluster.nodes("master").map((node) => node.keys(pattern)));
    return found.flat();
  };
  cluster.keys = keys as Cluster["keys"];
}

/** Whether the server has sharded pub/sub. */
export async function hasShardedPubSub(redis: Redis): Promise<boolean> {
  return Number(/redis_version:(\d+)/.exec(await redis.info("server"))?.[1] ?? 0) >= 7;
}
