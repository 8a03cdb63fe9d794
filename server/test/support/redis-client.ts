import { Redis } from "ioredis";
import { inject } from "vitest";
import { connectRedis, type RedisConnections } from "../../src/redis/client.js";
import { silentLog } from "./silent-log.js";

/** The connections of a node, with all commands of Redis for the test's own use. */
export interface TestRedis extends RedisConnections {
  commands: RedisConnections["commands"] & Redis;
}

export async function connectTestRedis(url = inject("redisUrl")): Promise<TestRedis> {
  return (await connectRedis(url, silentLog)) as TestRedis;
}

/** A client for a test's own commands. */
export function redisClient(url = inject("redisUrl")): Redis {
  return new Redis(url.replace("unix://", ""));
}

/** Whether the server has sharded pub/sub. */
export async function hasShardedPubSub(redis: Redis): Promise<boolean> {
  return Number(/redis_version:(\d+)/.exec(await redis.info("server"))?.[1] ?? 0) >= 7;
}
