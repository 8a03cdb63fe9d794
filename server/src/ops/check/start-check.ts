import type { Logger } from "pino";
import type { JobConnection } from "../../redis/open-redis.js";
import { type CheckOptions, checkRedis, type Finding } from "./check.js";

/**
 * Checks Redis when a node starts, and logs each fault and warning. In production, a fault prevents the start: the error
 * lists the faults, and nothing is logged here.
 * @throws {Error} in production if there is a fault, naming each fault with its remedy; also when Redis does not answer
 */
export async function checkAtStart(redis: JobConnection, options: CheckOptions, log: Logger): Promise<void> {
  const findings = await checkRedis(redis, options);
  const faults = findings.filter(({ verdict }) => verdict === "fault");
  if (options.isProduction && faults.length > 0) {
    throw new Error(`Redis does not suit a node:\n${faults.map((fault) => `  ${lineOf(fault)}`).join("\n")}`);
  }
  const level = options.isProduction ? "warn" : "info";
  for (const { name, verdict, found, remedy } of findings) {
    if (verdict === "fault") log.warn({ check: name, found, remedy }, "a check of redis failed");
    else if (verdict === "warning")
      log[level]({ check: name, found, remedy }, "a check of redis has a warning");
  }
}

/** A finding in one line. */
export function lineOf({ name, found, remedy }: Finding): string {
  return `${name}: ${found}${remedy === null ? "" : `. ${remedy}`}`;
}
