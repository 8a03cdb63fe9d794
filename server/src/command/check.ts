import { readConfig } from "../config/config.js";
import { parseRedisUrl } from "../config/redis-url.js";
import { checkRedis, type Finding } from "../ops/check/check.js";
import { lineOf } from "../ops/check/start-check.js";
import { createLog } from "../ops/log.js";
import { connectRedis } from "../redis/client.js";
import { Keys } from "../redis/keys.js";

const marks = { ok: "ok      ", warning: "warning ", fault: "FAULT   " };

/**
 * Checks the settings in the environment, and the Redis that they name, as a node in production does. Prints each finding.
 * @returns the exit code: 0 if there is no fault, else 1
 */
export async function check(isJson: boolean): Promise<number> {
  const findings = await findingsOf();
  if (isJson) console.log(JSON.stringify({ findings }, null, 2));
  else for (const finding of findings) console.log(marks[finding.verdict] + lineOf(finding));
  return findings.some(({ verdict }) => verdict === "fault") ? 1 : 0;
}

async function findingsOf(): Promise<Finding[]> {
  const log = createLog({ level: "silent", isPretty: false });
  const findings: Finding[] = [];
  const fault = (name: string, error: unknown, remedy: string) => {
    findings.push({ name, verdict: "fault", found: (error as Error).message, remedy });
    return findings;
  };
  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig(process.env);
  } catch (error) {
    return fault("settings", error, "docs/settings.md describes each setting.");
  }
  findings.push({ name: "settings", verdict: "ok", found: "valid", remedy: null });
  for (const warning of config.warnings) {
    findings.push({ name: "settings", verdict: "warning", found: warning, remedy: null });
  }
  if (config.redisUrl === null) {
    const found = "REDIS_URL is not set: a node starts a private Redis with persistence";
    return [...findings, { name: "redis", verdict: "ok", found, remedy: null }];
  }
  try {
    const redis = await connectRedis(config.redisUrl, log, {
      sentinel: config.redisSentinel,
      isCluster: config.isRedisCluster,
    });
    const keys = new Keys(config.prefix, parseRedisUrl(config.redisUrl).db);
    const { allowedEviction, waitReplicas } = config;
    const options = { keys, isProduction: true, allowedEviction, waitReplicas };
    try {
      findings.push(...(await checkRedis(redis.jobs, options)));
    } finally {
      await redis.close();
    }
  } catch (error) {
    return fault("redis", error, "Start Redis, or correct REDIS_URL.");
  }
  return findings;
}
