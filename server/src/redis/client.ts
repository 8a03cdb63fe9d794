import { setTimeout } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { registerPositionalScripts } from "./positional-scripts.js";
import { registerScripts } from "./scripts.js";

/** The connections of one node. Commands and subscriptions never share one. */
export interface RedisConnections {
  commands: Redis;
  subscriptions: Redis;
  /** The Socket.IO adapter keeps its own subscriptions. */
  adapterSubscriptions: Redis;
  /** The jobs' own: it waits for Redis, and for what is to be done. */
  jobs: Redis;
  /** `SPUBLISH` where the server has sharded pub/sub (Redis 7, Valkey), else `PUBLISH`. */
  publishCommand: "SPUBLISH" | "PUBLISH";
  close(): Promise<void>;
}

/** A command that is not answered within this time fails. */
const COMMAND_TIMEOUT_MS = 2_500;
const CONNECT_TIMEOUT_MS = 3_000;
/** How long Redis may take to say goodbye. */
const QUIT_TIMEOUT_MS = 1_000;

function backOff(attempt: number): number {
  return Math.min(50 * attempt, 500);
}

const commandOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: 1,
  // A command that was sent before the connection broke may have been carried out: to send it again is for
  // the caller to decide, who knows an idempotency key.
  autoResendUnfulfilledCommands: false,
  // ioredis would let one pipeline at a time be under way, and everything else wait for its end: a submit for a
  // batch of thousands. Commands are sent as they come, without waiting for answers, in any case.
  enableAutoPipelining: false,
  retryStrategy: backOff,
};

/** Subscriptions outlive any outage: their commands wait for Redis as long as it takes. */
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

/** True from Redis 7 on, and in Valkey. */
export async function hasShardedPubSub(redis: Redis): Promise<boolean> {
  return Number(/redis_version:(\d+)/.exec(await redis.info("server"))?.[1] ?? 0) >= 7;
}

/** A URL without its credentials. */
function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Connects to one Redis, at `redis://`, `rediss://` or `unix://<path of a socket>`. Single servers only so far; Sentinel, Cluster and TLS settings belong in `open`,
 * and nothing outside this file knows the difference.
 * @throws when Redis can't be reached or refuses the credentials.
 */
export async function connectRedis(url: string, log: Logger): Promise<RedisConnections> {
  const commands = open(url, commandOptions);
  registerScripts(commands);
  registerPositionalScripts(commands);
  // The bus subscribes anew by itself, so that it can tell who has to be told.
  const subscriptions = open(url, { ...subscriptionOptions, autoResubscribe: false });
  const adapterSubscriptions = open(url, subscriptionOptions);
  const jobs = open(url, subscriptionOptions);
  const all = { commands, subscriptions, adapterSubscriptions, jobs };
  let lastFailure: Error | undefined;
  for (const [connection, redis] of Object.entries(all)) {
    // Told of once an outage, not at every attempt to end it.
    let isDown = false;
    redis.on("error", (error) => {
      lastFailure = error;
      if (!isDown) log.warn({ connection, err: error }, "redis connection failed");
      isDown = true;
    });
    redis.on("ready", () => {
      if (isDown) log.info({ connection }, "redis connection is back");
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
    // What ended the connection is told apart from the call that then found it closed.
    const { message } = lastFailure ?? (error as Error);
    throw new Error(`Redis can't be used at ${placeOf(url)}: ${message}`, { cause: error });
  }
}
