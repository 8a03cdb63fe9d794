import type { RunOptions } from "../benchmark.js";
import { MeasuredServer } from "../processes/measured-server.js";

/** An API key that is random enough for production mode, in which a node refuses weak keys. */
export const API_KEY = "bench-9c41f0d7b25e83aa";

/** The secret that signs the JWTs of users. */
export const TOKEN_SECRET = "a secret of benchmarks of 32 bytes or more";

const program = new URL("../../../server/dist/main.js", import.meta.url);

/** Starts a node in production mode. It has metrics only if `settings` turn them on. */
export function startGrandstand(
  options: RunOptions,
  redisUrl: string,
  nodeFlags: readonly string[] = [],
  settings: Record<string, string> = {},
): Promise<MeasuredServer> {
  const title = Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
  const env = { ...grandstandSettings(redisUrl), ...settings };
  return MeasuredServer.start(options, program, env, nodeFlags, title);
}

/** The settings of a node in benchmarks. */
export function grandstandSettings(redisUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    GRANDSTAND_PREFIX: "bench",
    GRANDSTAND_API_KEYS: `bench:${API_KEY}`,
    GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET,
    GRANDSTAND_GUESTS: "on",
    // Thousands of clients connect from one address.
    GRANDSTAND_LIMITS: "off",
    GRANDSTAND_DRAIN_DELAY_MS: "0",
    LOG_LEVEL: "warn",
  };
}
