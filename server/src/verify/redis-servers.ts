import { Redis } from "ioredis";
import { parseRedisUrl, type RedisAddress } from "../config/redis-url.js";
import { loginOf } from "../redis/server-check.js";

/** A connection to a Redis server that accepts writes. */
export interface RedisServer {
  address: string;
  redis: Redis;
}

/**
 * Connects to the server of a URL or, if that server belongs to a Cluster, to each master of the Cluster.
 * @throws when a server can't be reached
 */
export async function connectServers(url: string): Promise<RedisServer[]> {
  const address = parseRedisUrl(url);
  const first = await connect(address, address.path ?? address.hosts[0]!);
  const isCluster = (await first.info("cluster")).includes("cluster_enabled:1");
  if (!isCluster) return [{ address: address.place, redis: first }];
  const slots = (await first.call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
  first.disconnect();
  const masters = new Map(slots.map(([, , [host, port]]) => [`${host}:${port}`, { host, port }]));
  return Promise.all(
    [...masters].map(async ([name, host]) => ({ address: name, redis: await connect(address, host) })),
  );
}

/** Connects to the server of a URL. @throws when the server can't be reached */
export function connectServer(url: string): Promise<Redis> {
  const address = parseRedisUrl(url);
  return connect(address, address.path ?? address.hosts[0]!);
}

async function connect(
  address: RedisAddress,
  place: string | { host: string; port: number },
): Promise<Redis> {
  const options = { ...loginOf(address), db: address.db, lazyConnect: true, retryStrategy: () => 100 };
  const redis = typeof place === "string" ? new Redis(place, options) : new Redis({ ...place, ...options });
  let reason = "no answer";
  redis.on("error", ({ message }: Error) => {
    reason = message;
  });
  try {
    await redis.connect();
  } catch {
    redis.disconnect();
    throw new Error(`Redis can't be reached at ${address.place}: ${reason}`);
  }
  return redis;
}

/** The settings for the persistence of a server. A setting that the server does not reveal is `unknown`. */
export async function persistenceOf({ redis }: RedisServer): Promise<Record<string, string>> {
  const names = ["appendonly", "appendfsync", "save", "maxmemory-policy", "min-replicas-to-write"];
  const entries = names.map(async (name) => {
    const value = await redis.config("GET", name).then(
      (pair) => (pair as string[])[1] ?? "unknown",
      () => "unknown",
    );
    return [name, value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
