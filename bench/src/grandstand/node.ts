import type { RunOptions } from "../benchmark.js";
import { MeasuredServer } from "../processes/measured-server.js";

export const API_KEY = "bench-key";

const program = new URL("../../../server/dist/main.js", import.meta.url);

/** Starts a node as it runs in production. */
export function startGrandstand(
  options: RunOptions,
  redisUrl: string,
  nodeFlags: readonly string[] = [],
): Promise<MeasuredServer> {
  const env = {
    REDIS_URL: redisUrl,
    GRANDSTAND_PREFIX: "bench",
    GRANDSTAND_API_KEYS: `bench:${API_KEY}`,
    GRANDSTAND_TOKEN_SECRET: "a secret of benchmarks of 32 bytes or more",
    GRANDSTAND_GUESTS: "on",
    LOG_LEVEL: "warn",
  };
  return MeasuredServer.start(options, program, env, nodeFlags);
}
