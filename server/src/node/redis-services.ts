import type { Config } from "../config/config.js";
import { parseRedisUrl } from "../config/redis-url.js";
import { connectRedis } from "../redis/client.js";
import { RedisHealth } from "../redis/health.js";
import { Keys } from "../redis/keys.js";
import { Pace } from "../redis/pace.js";
import type { Observation } from "./observation.js";

export type RedisServices = Awaited<ReturnType<typeof redisServices>>;

/** Opens a node's connections to Redis, and constructs what depends on them alone. */
export async function redisServices(
  config: Config,
  redisUrl: string,
  nodeId: string,
  { log, commandObserver }: Observation,
) {
  const keys = new Keys(config.prefix, parseRedisUrl(redisUrl).db);
  const pace = new Pace(config.pace);
  const redis = await connectRedis(redisUrl, log, {
    waitMs: config.redisWaitMs,
    probeKey: keys.health,
    pace,
    sentinel: config.redisSentinel,
    isCluster: config.isRedisCluster,
    waitReplicas: config.waitReplicas,
    heartbeatTopic: (number) => keys.heartbeat(nodeId, number),
    observer: commandObserver,
  });
  const { commands, topics, publishCommand } = redis;
  const redisHealth = new RedisHealth(commands, keys.health, log);
  return { redis, topics, keys, pace, redisHealth, stores: { redis: commands, keys, publishCommand } };
}
