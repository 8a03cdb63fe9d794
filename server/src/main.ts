import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { type Config, readConfig } from "./config/config.js";
import { startNode } from "./node.js";
import { createLog } from "./ops/log.js";
import { startEmbeddedRedis } from "./redis/embedded/server.js";

/** A node that can't finish in this time ends anyway (a load balancer has let go of it long before). */
const EXIT_TIMEOUT_MS = 10_000;

/**
 * Starts one node with the settings in the environment, and ends the process cleanly on SIGTERM and SIGINT.
 * @throws {ConfigError} naming every wrong setting, or what kept the node from starting.
 */
export async function run(): Promise<{ url: string }> {
  const config = readConfig(process.env);
  const log = createLog({
    level: config.logLevel,
    isPretty: !config.isProduction && process.stdout.isTTY === true,
  });
  for (const warning of config.warnings) log.warn(warning);
  const stops: (() => Promise<void>)[] = [];
  const end = (reason: string, exitCode: number) => endProcess(reason, exitCode, stops, log);
  const redisUrl = await redisUrlFor(config, log, stops, (error) => void end(error.message, 1));
  try {
    const app = await startNode(config, redisUrl, log);
    stops.unshift(app.close);
    process.on("SIGTERM", () => void end("SIGTERM", 0));
    process.on("SIGINT", () => void end("SIGINT", 0));
    // A fault that nobody caught leaves a state that nobody knows: clients go elsewhere, a new process begins.
    process.on("uncaughtException", (error) => {
      log.fatal({ err: error }, "a fault was not caught");
      void end("a fault", 1);
    });
    log.info({ url: app.url }, "listening");
    return { url: app.url };
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

/** The ending of this process, once it has begun. */
let ending: Promise<void> | undefined;

/** Ends the process. Reasons that come while it ends can only make its exit status worse. */
async function endProcess(
  reason: string,
  exitCode: number,
  stops: (() => Promise<void>)[],
  log: Logger,
): Promise<void> {
  log.info({ reason }, "ending");
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
  ending ??= stopAll(stops, log);
  await ending;
  process.exit();
}

async function stopAll(stops: (() => Promise<void>)[], log: Logger): Promise<void> {
  setTimeout(() => {
    log.error("ending took too long");
    process.exit(1);
  }, EXIT_TIMEOUT_MS).unref();
  // From the outside in: the app first, then the Redis that it uses.
  for (const stop of stops) {
    await stop().catch((error: unknown) => log.error({ err: error }, "ending a part failed"));
  }
}

const isEntry =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isEntry) {
  run().catch((error: unknown) => {
    // Settings, ports and Redis are the reader's to mend: the message says all, a stack would only hide it.
    const isDebugging = /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? "");
    console.error(isDebugging || !(error instanceof Error) ? error : error.message);
    process.exit(1);
  });
}
