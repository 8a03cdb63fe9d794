import type { Logger } from "pino";
import { inject } from "vitest";
import { type Config, readConfig } from "../../src/config/config.js";
import type { Hooks } from "../../src/hooks/hooks.js";
import type { RunningNode } from "../../src/node/running-node.js";
import { startNode } from "../../src/node.js";
import { Keys } from "../../src/redis/keys.js";
import { LogSecrets } from "./log-secrets.js";
import { freshPrefix, TEST_API_KEY } from "./names.js";
import { redisAccess } from "./redis/access.js";
import { redisClient } from "./redis-client.js";

/** A node in the test's own process, on a free port, with a test API key and guests allowed. */
export interface TestNode extends RunningNode {
  prefix: string;
}

/**
 * Starts a node. When it closes, its log is checked for secrets.
 * @param changes values that replace those of the configuration, such as times that no environment variable sets
 * @param log replaces the log that is checked for secrets
 * @param hooks the hooks in the process of the node
 */
export async function startTestNode(
  settings: Record<string, string> = {},
  redisUrl = inject("redisUrl"),
  changes: Partial<Config> = {},
  log?: Logger,
  hooks?: Hooks,
): Promise<TestNode> {
  const prefix = settings.GRANDSTAND_PREFIX ?? freshPrefix();
  const all = {
    PORT: "0",
    GRANDSTAND_PREFIX: prefix,
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
    GRANDSTAND_GUESTS: "on",
    // All tests call from one address, so they would reach the limits of an address. A test that sets "" gets the
    // default limits.
    GRANDSTAND_LIMITS: "off",
    ...settings,
  };
  const config = readConfig(all);
  const secrets = new LogSecrets({ ...all, REDIS_URL: redisUrl });
  const { url, sentinel: redisSentinel } = redisAccess(redisUrl);
  const app = await startNode({ ...config, redisSentinel, ...changes }, url, log ?? secrets.log(), { hooks });
  if (redisUrl === inject("redisUrl")) secrets.add(await sharedCookieSecret(prefix));
  const close = async () => {
    await app.close();
    secrets.assertNone();
  };
  return { ...app, prefix, close };
}

/** The cookie secret that the nodes of a prefix share if no setting contains one. */
async function sharedCookieSecret(prefix: string): Promise<string> {
  const redis = redisClient();
  try {
    return (await redis.get(new Keys(prefix).identity.cookieSecret)) ?? "";
  } finally {
    redis.disconnect();
  }
}
