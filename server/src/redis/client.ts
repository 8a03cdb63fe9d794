import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type Cluster, type Redis, ReplyError } from "ioredis";
import pRetry, { AbortError } from "p-retry";
import type { Logger } from "pino";
import { parseRedisUrl, type RedisAddress } from "../config/redis-url.js";
import { noObserver, type Observer } from "../observer/observer.js";
import { openCluster } from "./cluster.js";
import { corkCommands } from "./command-cork.js";
import type { PublishCommand, RedisCommands } from "./commands.js";
import { isRedisUnavailable, refusalOf } from "./faults.js";
import { observeCommands } from "./observed-commands.js";
import type { JobConnection, OpenRedis } from "./open-redis.js";
import { CONNECT_TIMEOUT_MS } from "./options.js";
import { OutageLog } from "./outage-log.js";
import { fullPace, type Pace } from "./pace.js";
import { confirmWrites } from "./replica-wait.js";
import { traceScripts } from "./scripts.js";
import { openSentinel, type SentinelSettings } from "./sentinel.js";
import { WrongKindError } from "./server-check.js";
import { openSingle } from "./single.js";
import type { Topics } from "./topics.js";

/** The connections of one node to Redis. Nothing outside this folder depends on the kind of Redis. */
export interface RedisConnections {
  commands: RedisCommands;
  /** The pub/sub of this node. It receives messages after `topics.start()`. */
  topics: Topics;
  /**
   * The connection for BullMQ, which uses blocking commands. While Redis is away, a command waits without a time limit.
   * While only one server of a Cluster is away, a command for that server waits about ten seconds.
   */
  jobs: JobConnection;
  publishCommand: PublishCommand;
  /** Which connections are open. */
  readonly readiness: Record<"commands" | "subscriptions" | "jobs", boolean>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** How long the start waits for a Redis that does not answer, loads its data or is full. */
  waitMs?: number;
  /** A key that the start writes as a test: while Redis refuses writes, the start waits. Null to write nothing. */
  probeKey?: string | null;
  /** Receives facts about each command of `commands`, and about connections that open. */
  observer?: Observer;
  /** How often the subscriptions are checked. */
  pace?: Pace;
  /** The name of the primary when the URL lists Sentinels. */
  sentinel?: SentinelSettings | null;
  /** Whether the URL is that of a Cluster; null to detect it from the server. */
  isCluster?: boolean | null;
  /** How many replicas must confirm a write before its operation succeeds. */
  waitReplicas?: number;
  /**
   * Makes the name of a topic for heartbeats. This node publishes heartbeats to itself to detect a lost subscription. The
   * number only changes the hash tag of the name. A Cluster assigns topics to its servers by hash tag, so the node tries
   * numbers until it has a topic on each server.
   */
  heartbeatTopic?: (number: number) => string;
}

/** How long QUIT may take. */
const QUIT_TIMEOUT_MS = 1_000;
const START_RETRY_MS = 250;
/** The first version of Redis with sharded pub/sub. */
const SHARDED_PUB_SUB_SINCE = 7;
/** The probe key lives until the first health check, which writes the same key. */
const PROBE_TTL_MS = 10_000;

/**
 * Connects to Redis.
 * @throws when Redis can't be used in time, or refuses the credentials or the database
 */
export async function connectRedis(
  url: string,
  log: Logger,
  {
    waitMs = 0,
    probeKey = null,
    observer = noObserver,
    pace = fullPace,
    sentinel = null,
    isCluster = null,
    waitReplicas = 0,
    heartbeatTopic = anonymousHeartbeat(),
  }: ConnectOptions = {},
): Promise<RedisConnections> {
  const address = parseRedisUrl(url);
  const outages = new OutageLog(log, observer);
  const opened = (redis: OpenRedis) => {
    if (observer.tracer) traceScripts(redis.commands, observer.tracer);
    corkCommands(redis.commands);
    observeCommands(redis.commands, observer);
    for (const [connection, client] of Object.entries(redis.all)) outages.watch(connection, client);
    return redis;
  };
  let redis = opened(openOf(address, sentinel, isCluster === true));
  try {
    const usability = { outages, place: address.place, probeKey, waitMs, log };
    const version = await untilUsable(redis, usability).catch(async (error: unknown) => {
      if (!(error instanceof WrongKindError && error.mode === "cluster" && isCluster === null)) throw error;
      disconnect(redis);
      redis = opened(openCluster(address));
      return untilUsable(redis, usability);
    });
    if (waitReplicas > 0) confirmWrites(redis.commands, waitReplicas, probeKey);
    const publishCommand = version >= SHARDED_PUB_SUB_SINCE ? "SPUBLISH" : "PUBLISH";
    redis.commands.publishCommand = publishCommand;
    const topics = redis.topics({ heartbeatTopic, publishCommand, outages, observer, pace, log });
    const close = async () => {
      topics.stop();
      await Promise.all(Object.values(redis.all).map(quit));
    };
    const { commands, jobs } = redis;
    return {
      commands,
      topics,
      jobs,
      publishCommand,
      get readiness() {
        return {
          commands: commands.status === "ready",
          subscriptions: topics.isConnected,
          jobs: jobs.status === "ready",
        };
      },
      close,
    };
  } catch (error) {
    disconnect(redis);
    throw new Error(`Redis can't be used at ${address.place}: ${(error as Error).message}`, { cause: error });
  }
}

function anonymousHeartbeat(): (number: number) => string {
  const id = randomUUID();
  return (number) => `{${id}:${number}}:heartbeat`;
}

function openOf(address: RedisAddress, sentinel: SentinelSettings | null, isCluster: boolean): OpenRedis {
  if (sentinel !== null) return openSentinel(address, sentinel);
  return isCluster ? openCluster(address) : openSingle(address);
}

function disconnect({ all }: OpenRedis): void {
  for (const client of Object.values(all)) client.disconnect();
}

async function quit(redis: Redis | Cluster): Promise<void> {
  const answered = redis.quit().catch(() => {});
  await Promise.race([answered, setTimeout(QUIT_TIMEOUT_MS, null, { ref: false })]);
  redis.disconnect();
}

interface Usability {
  place: string;
  outages: OutageLog;
  probeKey: string | null;
  waitMs: number;
  log: Logger;
}

/** @returns the version of Redis */
async function untilUsable(
  redis: OpenRedis,
  { place, outages, probeKey, waitMs, log }: Usability,
): Promise<number> {
  // A failure here is no error yet: the clients of ioredis reconnect automatically.
  const connects = Object.values(redis.all).map((client) => client.connect().catch(() => {}));
  await Promise.race([Promise.all(connects), setTimeout(CONNECT_TIMEOUT_MS, null, { ref: false })]);
  if (Object.values(redis.all).some(({ status }) => status !== "ready")) await redis.diagnose?.();
  let isLogged = false;
  return pRetry(() => checkUsable(redis, outages.lastFailure, probeKey), {
    retries: Number.POSITIVE_INFINITY,
    factor: 1,
    minTimeout: START_RETRY_MS,
    maxRetryTime: waitMs,
    onFailedAttempt({ error }) {
      if (isLogged || waitMs === 0) return;
      isLogged = true;
      log.warn({ place, reason: refusalOf(error) ?? error.message, waitMs }, "waiting for redis");
    },
  });
}

/**
 * @returns the version of Redis
 * @throws {AbortError} when waiting can't help
 * @throws when Redis is not usable yet
 */
async function checkUsable(
  redis: OpenRedis,
  lastFailure: Error | undefined,
  probeKey: string | null,
): Promise<number> {
  if (Object.values(redis.all).some(({ status }) => status !== "ready")) {
    if (lastFailure !== undefined && isPermanent(lastFailure)) throw new AbortError(lastFailure);
    if (/cluster support disabled/.test(lastFailure?.message ?? "")) {
      throw new AbortError("it is no Cluster; remove REDIS_CLUSTER");
    }
    throw lastFailure ?? new Error(redis.notReady);
  }
  try {
    const version = await redis.check();
    if (probeKey !== null) await redis.commands.set(probeKey, "", "PX", PROBE_TTL_MS);
    return version;
  } catch (error) {
    if (error instanceof ReplyError && (isPermanent(error as Error) || !isRedisUnavailable(error))) {
      throw new AbortError(error as Error);
    }
    throw error;
  }
}

/** Whether Redis refused the credentials or denied a permission. Waiting does not help: the settings must change. */
function isPermanent(error: Error): boolean {
  return ["WRONGPASS", "NOAUTH", "NOPERM"].includes(refusalOf(error) ?? "");
}
