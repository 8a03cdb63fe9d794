import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { type Config, readConfig } from "../config/config.js";
import { startNode } from "../node.js";
import { createLog } from "../ops/log.js";
import { startEmbeddedRedis } from "../redis/embedded/server.js";
import { Shutdown } from "./shutdown.js";

/**
 * Starts one node with the settings of the environment, and stops it cleanly on SIGTERM and SIGINT.
 * @throws {ConfigError} naming every wrong setting; or another error with the reason why the node can't start
 */
export async function run(): Promise<{ url: string }> {
  const config = readConfig(process.env);
  const nodeId = randomUUID();
  const processLog = createLog({
    level: config.logLevel,
    isPretty: !config.isProduction && process.stdout.isTTY === true,
  });
  const log = processLog.child({ node: nodeId });
  for (const warning of config.warnings) log.warn(warning);
  const shutdown = new Shutdown(log, config.drainDelayMs);
  shutdown.onSignals();
  try {
    const redisUrl = await redisUrlFor(config, log, shutdown);
    const node = await startNode(config, redisUrl, processLog, nodeId);
    shutdown.add({ drain: node.drain, stop: node.close });
    if (shutdown.hasBegun) {
      // The signal came before this part was known.
      await node.close();
      return new Promise(() => {});
    }
    // After an uncaught error the state is unknown: clients reconnect elsewhere, and a new process can start.
    process.on("uncaughtException", (error) => {
      log.fatal({ err: error }, "uncaught error");
      void shutdown.end("uncaught error", 1);
    });
    log.info({ url: node.url }, "listening");
    return { url: node.url };
  } catch (error) {
    // What the end of the process interrupted is no failure of the start.
    if (shutdown.hasBegun) return new Promise(() => {});
    await shutdown.stopParts();
    throw error;
  }
}

async function redisUrlFor(config: Config, log: Logger, shutdown: Shutdown): Promise<string> {
  if (config.redisUrl !== null) return config.redisUrl;
  const onFailure = (error: Error) => void shutdown.end(error.message, 1);
  const embedded = await startEmbeddedRedis({ dataDir: config.dataDir, log, onFailure });
  shutdown.add(embedded);
  return `unix://${embedded.socketPath}`;
}
