import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { type Config, ConfigError, readConfig } from "../config/config.js";
import { startNode } from "../node.js";
import { createLog } from "../ops/log.js";
import { type EmbeddedRedis, startEmbeddedRedis } from "../redis/embedded/server.js";
import { Shutdown } from "./shutdown.js";
import { Primary, type WorkerNode } from "./workers/primary.js";

/** What runs at a URL: one node, or several that share the port. */
export interface Running {
  url: string;
  /** The nodes that serve now. They change, because a worker that exited is replaced by another node. */
  nodes(): WorkerNode[];
  /** The private Redis of this process; null when `REDIS_URL` names another Redis. */
  embeddedRedis: EmbeddedRedis | null;
}

/**
 * Starts one node, or as many as `GRANDSTAND_WORKERS` says, with the settings of the environment, and stops them cleanly on
 * SIGTERM and SIGINT.
 * @throws {ConfigError} naming every wrong setting; or another error with the reason why a node can't start
 */
export async function run(): Promise<Running> {
  const config = readConfig(process.env);
  if (config.workers > 1 && cluster.isWorker) {
    const problem = "must be 1 in a process that is a worker itself, as in PM2's cluster mode";
    throw new ConfigError([`GRANDSTAND_WORKERS: ${problem}`]);
  }
  const processLog = createLog({
    level: config.logLevel,
    isPretty: !config.isProduction && process.stdout.isTTY === true,
  });
  const hasWorkers = config.workers > 1;
  const nodeId = randomUUID();
  // The primary is no node, so its log lines have the field `primary`, and `node` only when they are about a worker.
  const log = processLog.child(hasWorkers ? { primary: nodeId } : { node: nodeId });
  for (const warning of config.warnings) log.warn(warning);
  const shutdown = new Shutdown(log, config.drainDelayMs);
  shutdown.onSignals();
  try {
    const embeddedRedis = config.redisUrl === null ? await startRedis(config, log, shutdown) : null;
    const redisUrl = config.redisUrl ?? `unix://${embeddedRedis?.socketPath}`;
    const nodes = hasWorkers
      ? await startWorkers(config, redisUrl, log, shutdown)
      : await startOnly(config, redisUrl, processLog, nodeId, shutdown);
    // The process began to stop during the start, so the caller must not continue.
    if (shutdown.hasBegun) return new Promise(() => {});
    // After an uncaught error the state of the process is unknown, so the process ends and its clients reconnect elsewhere.
    process.on("uncaughtException", (error) => {
      log.fatal({ err: error }, "uncaught error");
      void shutdown.end("uncaught error", 1);
    });
    const { url } = nodes()[0]!;
    log.info({ ...(hasWorkers && { workers: nodes().length }), url }, "listening");
    return { url, nodes, embeddedRedis };
  } catch (error) {
    if (shutdown.hasBegun) return new Promise(() => {});
    await shutdown.stopParts();
    throw error;
  }
}

async function startRedis(config: Config, log: Logger, shutdown: Shutdown): Promise<EmbeddedRedis> {
  const onFailure = (error: Error) => void shutdown.end(error.message, 1);
  const embedded = await startEmbeddedRedis({ dataDir: config.dataDir, log, onFailure });
  shutdown.add(embedded);
  return embedded;
}

async function startOnly(
  config: Config,
  redisUrl: string,
  processLog: Logger,
  nodeId: string,
  shutdown: Shutdown,
): Promise<Running["nodes"]> {
  const node = await startNode(config, redisUrl, processLog, { nodeId });
  shutdown.add({ drain: node.drain, stop: node.close });
  // If a signal came before `add`, the shutdown does not know this node.
  if (shutdown.hasBegun) await node.close();
  const only = [{ url: node.url, nodeId, pid: process.pid }];
  return () => only;
}

async function startWorkers(
  config: Config,
  redisUrl: string,
  log: Logger,
  shutdown: Shutdown,
): Promise<Running["nodes"]> {
  const primary = await Primary.create(config, redisUrl, log);
  shutdown.add({ drain: () => primary.drain(), stop: () => primary.stop() });
  await primary.start();
  return () => primary.nodes();
}
