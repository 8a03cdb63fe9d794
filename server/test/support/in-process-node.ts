import { pino } from "pino";
import { inject } from "vitest";
import { type Config, readConfig } from "../../src/config/config.js";
import { type RunningNode, startNode } from "../../src/node.js";
import { freshPrefix, TEST_API_KEY } from "./names.js";

/** A node in the test's own process, on a free port, with a test API key and guests allowed. */
export interface TestNode extends RunningNode {
  prefix: string;
}

/** @param changes to configuration without a setting, such as times that are too long for tests */
export async function startTestNode(
  settings: Record<string, string> = {},
  redisUrl = inject("redisUrl"),
  changes: Partial<Config> = {},
  log = pino({ level: "silent" }),
): Promise<TestNode> {
  const prefix = settings.GRANDSTAND_PREFIX ?? freshPrefix();
  const config = readConfig({
    PORT: "0",
    GRANDSTAND_PREFIX: prefix,
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
    GRANDSTAND_GUESTS: "on",
    // All tests call from one address. An empty value restores the defaults.
    GRANDSTAND_LIMITS: "off",
    ...settings,
  });
  const app = await startNode({ ...config, ...changes }, redisUrl, log);
  return { ...app, prefix };
}
