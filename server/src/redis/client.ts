import { setTimeout } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { registerScripts } from "./scripts.js";

/** The connections of one node to Redis. Commands and subscriptions never share one. */
export interface RedisConnections {
  commands: Redis;
  subscriptions: Redis;
  /** The subscriptions of the Socket.IO adapter. */
  adapterSubscriptions: Redis;
  /** The connection of the jobs, which block on it and wait for Redis during an outage. */
  jobs: Redis;
  /** `SPUBLISH` where the server has sharded pub/sub (Redis 7, Valkey), else `PUBLISH`. */
  publishCommand: "SPUBLISH" | "PUBLISH";
  close(): Promise<void>;
}

/** A command without a reply within this time fails. */
const COMMAND_TIMEOUT_MS = 2_500;
const CONNECT_TIMEOUT_MS = 3_000;
/** How long QUIT may take. */
const QUIT_TIMEOUT_MS = 1_000;

function backOff(attempt: number): number {
  return Math.min(50 * attempt, 500);
}

const commandOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: 1,
  // Redis may have carried out a command that was sent before the connection broke. Only the caller, with its idempotency key,
  // can repeat it safely.
  autoResendUnfulfilledCommands: false,
  // With auto-pipelining only one pipeline is in flight, so a submit would wait for a batch of thousands. Commands are sent
  // without waiting for replies in any case (docs/decisions/0005).
  enableAutoPipelining: false,
  retryStrategy: backOff,
};

/** Commands of subscriptions wait for the end of an outage. */
const subscriptionOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: null,
  retryStrategy: backOff,
};

type Options = Pick<
  RedisOptions,
  | "commandTimeout"
  | "connectTimeout"
  | "maxRetriesPerRequest"
  | "autoResendUnfulfilledCommands"
  | "enableAutoPipelining"
  | "retryStrategy"
  | "autoResubscribe"
>;

const UNIX_SCHEME = "unix://";

function open(url: string, options: Options): Redis {
  return url.startsWith(UNIX_SCHEME)
    ? new Redis({ path: url.slice(UNIX_SCHEME.length), ...options, lazyConnect: true })
    : new Redis(url, { ...options, lazyConnect: true });
}

async function quit(redis: Redis): Promise<void> {
  const answered = redis.quit().catch(() => {});
  await Promise.race([answered, setTimeout(QUIT_TIMEOUT_MS, null, { ref: false })]);
  redis.disconnect();
}

/** True for Redis 7 or newer and for Valkey. */
export async function hasShardedPubSub(redis: Redis): Promise<boolean> {
  return Number(/redis_version:(\d+)/.exec(await redis.info("server"))?.[1] ?? 0) >= 7;
}

/** The URL without its credentials. */
function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Connects to a single Redis server at `redis://`, `rediss://` or `unix://<path of a socket>`.
 * @throws {Error} when Redis is unreachable or refuses the credentials
 */
export async function connectRedis(url: string, log: Logger): Promise<RedisConnections> {
  const commands = open(url, commandOptions);
  registerScripts(commands);
  // The bus resubscribes by itself, because it has to tell its listeners afterwards.
  const subscriptions = open(url, { ...subscriptionOptions, autoResubscribe: false });
  const adapterSubscriptions = open(url, subscriptionOptions);
  const jobs = open(url, subscriptionOptions);
  const all = { commands, subscriptions, adapterSubscriptions, jobs };
  let lastFailure: Error | undefined;
  for (const [connection, redis] of Object.entries(all)) {
    // Logged once per outage, not for every attempt to reconnect.
    let isDown = false;
    redis.on("error", (error) => {
      lastFailure = error;
      if (!isDown) log.warn({ connection, err: error }, "a connection to Redis failed");
      isDown = true;
    });
    redis.on("ready", () => {
      if (isDown) log.info({ connection }, "a connection to Redis is open again");
      isDown = false;
    });
  }
  const close = async () => {
    await Promise.all(Object.values(all).map(quit));
  };
  try {
    await Promise.all(Object.values(all).map((redis) => redis.connect()));
    const isSharded = await hasShardedPubSub(commands);
    return { ...all, publishCommand: isSharded ? "SPUBLISH" : "PUBLISH", close };
  } catch (error) {
    for (const redis of Object.values(all)) redis.disconnect();
    // The error that closed the connection explains more than the one of the command that found it closed.
    const { message } = lastFailure ?? (error as Error);
    throw new Error(`Cannot use Redis at ${placeOf(url)}: ${message}`, { cause: error });
  }
}
