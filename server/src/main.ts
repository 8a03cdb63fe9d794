import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { type Config, readConfig } from "./config/config.js";
import { startNode } from "./node.js";
import { createLog } from "./ops/log.js";
import { startEmbeddedRedis } from "./redis/embedded/server.js";

/** A node that cannot finish within this time exits anyway. */
const EXIT_TIMEOUT_MS = 10_000;

/**
 * Starts one node with the settings in the environment, and stops it cleanly on SIGTERM and SIGINT.
 * @throws {ConfigError} that names every wrong setting; any other error prevented the start
 */
export async function run(): Promise<{ url: string }> {
  const config = readConfig(process.env);
  const log = createLog({
    level: config.logLevel,
    isPretty: !config.isProduction && process.stdout.isTTY === true,
  });
  for (const warning of config.warnings) log.warn(warning);
  const stops: (() => Promise<void>)[] = [];
  const end = (reason: string, exitCode: number) => stopProcess(reason, exitCode, stops, log);
  const redisUrl = await redisUrlFor(config, log, stops, (error) => void end(error.message, 1));
  try {
    const node = await startNode(config, redisUrl, log);
    stops.unshift(node.close);
    process.on("SIGTERM", () => void end("SIGTERM", 0));
    process.on("SIGINT", () => void end("SIGINT", 0));
    // The state after an uncaught error is unknown: the clients reconnect elsewhere, and a supervisor restarts the process.
    process.on("uncaughtException", (error) => {
      log.fatal({ err: error }, "uncaught error");
      void end("uncaught error", 1);
    });
    log.info({ url: node.url }, "listening");
    return { url: node.url };
  } catch (error) {
    for (const stop of stops) await stop();
    throw error;
  }
}

async function redisUrlFor(
  config: Config,
  log: Logger,
  stops: (() => Promise<void>)[],
  onFailure: (error: Error) => void,
): Promise<string> {
  if (config.redisUrl !== null) return config.redisUrl;
  const embedded = await startEmbeddedRedis({ dataDir: config.dataDir, log, onFailure });
  stops.push(() => embedded.stop());
  return `unix://${embedded.socketPath}`;
}

/** The shutdown of this process, once it has begun. */
let shutdown: Promise<void> | undefined;

/** Stops the process. A later reason can only raise the exit status. */
async function stopProcess(
  reason: string,
  exitCode: number,
  stops: (() => Promise<void>)[],
  log: Logger,
): Promise<void> {
  log.info({ reason }, "stopping");
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
  shutdown ??= stopAll(stops, log);
  await shutdown;
  process.exit();
}

async function stopAll(stops: (() => Promise<void>)[], log: Logger): Promise<void> {
  setTimeout(() => {
    log.error("stopping took too long");
    process.exit(1);
  }, EXIT_TIMEOUT_MS).unref();
  // The node first, then the Redis that it uses.
  for (const stop of stops) {
    await stop().catch((error: unknown) => log.error({ err: error }, "stopping a part failed"));
  }
}

const isEntry =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isEntry) {
  run().catch((error: unknown) => {
    // Faults of settings, port or Redis are the operator's: the message says everything, and a stack would hide it.
    const isDebugging = /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? "");
    console.error(isDebugging || !(error instanceof Error) ? error : error.message);
    process.exit(1);
  });
}
