import { inject } from "vitest";
import type { SentinelSettings } from "../../../src/redis/sentinel.js";
import { SENTINEL_MASTER } from "./sentinel.js";

/** How a node reaches a Redis. */
export interface RedisAccess {
  url: string;
  sentinel: SentinelSettings | null;
}

/** How to reach a Redis. The shared Redis of the tests is reached through its Sentinels, if it has any. */
export function redisAccess(url: string): RedisAccess {
  const sentinels = inject("sentinelsUrl");
  if (sentinels === "" || url !== inject("redisUrl")) return { url, sentinel: null };
  return { url: sentinels, sentinel: { master: SENTINEL_MASTER, password: null } };
}
