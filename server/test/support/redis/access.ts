import { inject } from "vitest";
import type { SentinelSettings } from "../../../src/redis/sentinel.js";
import { SENTINEL_MASTER } from "./sentinel.js";

/** How a node reaches a Redis. */
export interface RedisAccess {
  url: string;
  sentinel: SentinelSettings | null;
}

/** The way to the Redis of all tests leads over its Sentinels, if it has some. Every other URL is that of one server. */
export function redisAccess(url: string): RedisAccess {
  const sentinels = inject("sentinelsUrl");
  if (sentinels === "" || url !== inject("redisUrl")) return { url, sentinel: null };
  return { url: sentinels, sentinel: { master: SENTINEL_MASTER, password: null } };
}
