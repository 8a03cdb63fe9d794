import { setTimeout } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import pRetry, { AbortError } from "p-retry";
import type { Logger } from "pino";
import { parseRedisUrl, type RedisAddress } from "../config/redis-url.js";
import { noObserver, type Observer } from "../observer/observer.js";
import { isRedisAway, refusalOf } from "./faults.js";
import { observeCommands } from "./observed-commands.js";
import { registerScripts } from "./scripts.js";

/** The connections of one node. Commands and subscriptions never share one. */
export interface RedisConnections {
  commands: Redis;
  subscriptions: Redis;
  /** For the subscriptions of the Socket.IO adapter. */
  adapterSubscriptions: Redis;
  /** For BullMQ, whose commands block and wait for Redis as long as it takes. */
  jobs: Redis;
  /** `SPUBLISH` where the server has sharded pub/sub (Redis 7, Valkey), else `PUBLISH`. */
  publishCommand: "SPUBLISH" | "PUBLISH";
  close(): Promise<void>;
}

/** A command without a reply fails after this time. */
const COMMAND_TIMEOUT_MS = 2_500;
const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that is silent for this long while commands wait for replies is replaced. */
const SILENCE_LIMIT_MS = 3_000;
/** The same for jobs: BullMQ's commands block for up to 10 seconds. */
const JOBS_SILENCE_LIMIT_MS = 15_000;
/** Subscriptions have no commands of their own, so these pings wait for replies. */
const PING_INTERVAL_MS = 1_000;
/** How long QUIT may take. */
const QUIT_TIMEOUT_MS = 1_000;
const START_RETRY_MS = 250;
/** Longer than until the first health check, which writes the same key. */
const PROBE_TTL_MS = 10_000;
/** The least time between two reconnects because of READONLY. */
const READONLY_RECONNECT_MS = 500;

function backOff(attempt: number): number {
  return Math.min(50 * attempt, 500);
}

const commandOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  // Commands in flight fail as soon as their connection closes. They may have run, so only callers can repeat them.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Auto-pipelining sends one pipeline at a time, so that every command would wait for a batch of thousands.
  enableAutoPipelining: false,
  retryStrategy: backOff,
};

/** Commands on subscriptions wait for Redis as long as it takes. */
const subscriptionOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  maxRetriesPerRequest: null,
  retryStrategy: backOff,
};

/** A primary that was demoted refuses writes. A new connection may reach the new primary. */
function reconnectOnReadonly(): (error: Error) => boolean {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (refusalOf(error) !== "READONLY") return false;
    const now = performance.now();
    if (now - lastAt < READONLY_RECONNECT_MS) return false;
    lastAt = now;
    return true;
  };
}

function open({ place: _, ...address }: RedisAddress, options: Omit<RedisOptions, "replyMapping">): Redis {
  return new Redis({ ...address, ...options, reconnectOnError: reconnectOnReadonly(), lazyConnect: true });
}

async function quit(redis: Redis): Promise<void> {
  const answered = redis.quit().catch(() => {});
  await Promise.race([answered, setTimeout(QUIT_TIMEOUT_MS, null, { ref: false })]);
  redis.disconnect();
}

/** True from Redis 7 on, and in Valkey. */
export async function hasShardedPubSub(redis: Redis): Promise<boolean> {
  return Number(/redis_version:(\d+)/.exec(await redis.info("server"))?.[1] ?? 0) >= 7;
}

/** Logs each outage once, however many connections it affects. */
class OutageLog {
  readonly #log: Logger;
  readonly #down = new Set<string>();
  lastFailure: Error | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  watch(connection: string, redis: Redis): void {
    redis.on("error", (error: Error) => {
      // A flushed command names no cause.
      if (error.name !== "MaxRetriesPerRequestError") this.lastFailure = error;
      const reason = refusalOf(error) ?? error.message;
      if (this.#down.size === 0) this.#log.warn({ connection, reason }, "redis connection failed");
      this.#down.add(connection);
    });
    redis.on("ready", () => {
      if (this.#down.delete(connection) && this.#down.size === 0) this.#log.info("redis connection is back");
    });
  }
}

/**
 * Connects to one Redis server. Sentinel, Cluster and TLS settings belong into `open`; no other file depends on them.
 * @param options.probeKey written once, so that a start waits while Redis refuses writes
 * @param options.observer told of the commands of `commands`, and when a connection is ready
 * @param options.waitMs how long to wait for a Redis that is away, loading or full
 * @throws when Redis can't be used by then, or refuses the credentials or the database
 */
export async function connectRedis(
  url: string,
  log: Logger,
  {
    waitMs = 0,
    probeKey = null,
    observer = noObserver,
  }: { waitMs?: number; probeKey?: string | null; observer?: Observer } = {},
): Promise<RedisConnections> {
  const address = parseRedisUrl(url);
  const commands = open(address, commandOptions);
  registerScripts(commands);
  observeCommands(commands, observer);
  // The bus subscribes again itself, because it has to notify its listeners.
  const subscriptions = open(address, { ...subscriptionOptions, autoResubscribe: false });
  const adapterSubscriptions = open(address, subscriptionOptions);
  const jobs = open(address, { ...subscriptionOptions, socketTimeout: JOBS_SILENCE_LIMIT_MS });
  const all = { commands, subscriptions, adapterSubscriptions, jobs };
  const outages = new OutageLog(log);
  for (const [connection, redis] of Object.entries(all)) {
    outages.watch(connection, redis);
    redis.on("ready", () => observer.note("redisConnected", { connection }));
  }
  const pings = setInterval(() => {
    for (const redis of [subscriptions, adapterSubscriptions]) {
      if (redis.status === "ready") redis.ping().catch(() => {});
    }
  }, PING_INTERVAL_MS);
  const close = async () => {
    clearInterval(pings);
    await Promise.all(Object.values(all).map(quit));
  };

  let isLogged = false;
  try {
    // ioredis makes all further attempts itself.
    const connects = Object.values(all).map((redis) => redis.connect().catch(() => {}));
    await Promise.race([Promise.all(connects), setTimeout(CONNECT_TIMEOUT_MS, null, { ref: false })]);
    await pRetry(() => checkUsable(all, address, outages.lastFailure, probeKey), {
      retries: Number.POSITIVE_INFINITY,
      factor: 1,
      minTimeout: START_RETRY_MS,
      maxRetryTime: waitMs,
      onFailedAttempt({ error }) {
        if (isLogged || waitMs === 0) return;
        isLogged = true;
        log.warn(
          { place: address.place, reason: refusalOf(error) ?? error.message, waitMs },
          "waiting for redis",
        );
      },
    });
    const isSharded = await hasShardedPubSub(commands);
    return { ...all, publishCommand: isSharded ? "SPUBLISH" : "PUBLISH", close };
  } catch (error) {
    clearInterval(pings);
    for (const redis of Object.values(all)) redis.disconnect();
    throw new Error(`Redis can't be used at ${address.place}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * @throws {AbortError} when waiting can't help
 * @throws when Redis is not usable yet
 */
async function checkUsable(
  connections: Record<string, Redis>,
  { db }: RedisAddress,
  lastFailure: Error | undefined,
  probeKey: string | null,
): Promise<void> {
  const { commands } = connections as { commands: Redis };
  if (Object.values(connections).some((redis) => redis.status !== "ready")) {
    if (lastFailure !== undefined && isPermanent(lastFailure)) throw new AbortError(lastFailure);
    throw lastFailure ?? new Error("the connection is not open yet");
  }
  try {
    // ioredis ignores a refused SELECT and stays on database 0.
    await commands.select(db);
    if (probeKey !== null) await commands.set(probeKey, "", "PX", PROBE_TTL_MS);
  } catch (error) {
    if (error instanceof Error && (isPermanent(error) || !isRedisAway(error))) throw new AbortError(error);
    throw error;
  }
}

/** Refused credentials and permissions are settings: waiting does not change them. */
function isPermanent(error: Error): boolean {
  return ["WRONGPASS", "NOAUTH", "NOPERM"].includes(refusalOf(error) ?? "");
}
