import { randomBytes } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Redis } from "ioredis";
import type { Keys } from "../redis/keys.js";

/** No cookie outlives a browser's patience; each start of a node moves the end of the secret. */
const TTL_MS = 2 * limits.sessionTtlMs.most;

/**
 * What signs cookies on all nodes where the settings name nothing. It lies open in Redis, and may: a signature spares
 * look-ups, and what makes a cookie valid is the token in it, of which Redis has the digest only.
 */
export async function sharedCookieSecret(redis: Redis, keys: Keys): Promise<string> {
  const key = keys.identity.cookieSecret;
  await redis.set(key, randomBytes(32).toString("base64url"), "PX", TTL_MS, "NX");
  await redis.pexpire(key, TTL_MS);
  const secret = await redis.get(key);
  if (secret === null) throw new Error(`Redis does not keep ${key}`);
  return secret;
}
