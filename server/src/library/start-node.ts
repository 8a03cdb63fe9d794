import type { Logger } from "pino";
import { ConfigError, readConfig } from "../config/config.js";
import type { Hooks } from "../hooks/hooks.js";
import type { NodeOptions } from "../node/running-node.js";
import { startNode as startConfiguredNode } from "../node.js";
import { createLog } from "../ops/log.js";
import { type EmbeddedRedis, startEmbeddedRedis } from "../redis/embedded/server.js";

export interface StartOptions {
  /** The settings by name, as in docs/settings.md. The environment when not given. */
  settings?: Record<string, string | undefined>;
  hooks?: Hooks;
  /** Receives the log. Without it, the node writes JSON lines to stdout at `LOG_LEVEL`. */
  log?: Logger;
}

/** A node in the process of an app. */
export interface Node {
  /** The URL at which it listens. */
  readonly url: string;
  /** The URL of the metrics; null when they are not served. */
  readonly metricsUrl: string | null;
  /** Reports that the node is not ready, while it still serves. Behind a load balancer, call it some seconds before `close`. */
  drain(): void;
  /** Asks every client to reconnect elsewhere, finishes running calls, and closes the connections to Redis. */
  close(): Promise<void>;
}

/**
 * Starts one node in this process. It handles no signals of the process: stop it with `close`.
 * @throws {ConfigError} when settings are wrong (the error names all of them), or when GRANDSTAND_WORKERS is above 1;
 * {TypeError} for a hook that does not exist or is no function; or another error with the reason why the node can't start
 */
export function startNode(options: StartOptions = {}): Promise<Node> {
  return start(options, {});
}

/**
 * Starts a node. Without `open`, the node opens a port. With `open`, the node opens no port: it calls `open`, and the app's
 * own server passes requests to the node. `redisWaitMs` is the longest time that the start may wait for Redis.
 */
export async function start(
  { settings = process.env, hooks, log }: StartOptions,
  { open, redisWaitMs }: Pick<NodeOptions, "open"> & { redisWaitMs?: number },
): Promise<Node> {
  const given = readConfig(settings);
  if (given.workers > 1) throw new ConfigError(["GRANDSTAND_WORKERS: must be 1 for a node within an app"]);
  const config = { ...given, redisWaitMs: Math.min(given.redisWaitMs, redisWaitMs ?? given.redisWaitMs) };
  const processLog = log ?? createLog({ level: config.logLevel, isPretty: false });
  for (const warning of config.warnings) processLog.warn(warning);
  let redis: EmbeddedRedis | null = null;
  try {
    redis =
      config.redisUrl === null
        ? await startEmbeddedRedis({ dataDir: config.dataDir, log: processLog })
        : null;
    const redisUrl = config.redisUrl ?? `unix://${redis!.socketPath}`;
    const { url, metricsUrl, drain, close } = await startConfiguredNode(config, redisUrl, processLog, {
      hooks,
      ...(open && { open }),
    });
    let closing: Promise<void> | null = null;
    const closeAll = async (): Promise<void> => {
      await close();
      await redis?.stop();
    };
    return {
      url,
      metricsUrl,
      drain,
      close: () => {
        closing ??= closeAll();
        return closing;
      },
    };
  } catch (error) {
    await redis?.stop();
    throw error;
  }
}
