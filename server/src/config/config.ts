import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { apiKeys, weakKeys } from "./api-keys.js";
import { type HookSettings, hookList, hookNames, hookTimeoutMs } from "./hooks.js";
import { type LimitSettings, limitSettings } from "./limits.js";
import { list } from "./list.js";
import { type MetricsSettings, metricsPort, metricsToken } from "./metrics.js";
import { origin } from "./origins.js";
import { type ProfileSettings, profilePace, profileUrl } from "./profiles.js";
import { publicKey } from "./public-key.js";
import { redisKindFaults } from "./redis-kind.js";
import { parseRedisUrl, redisUrl } from "./redis-url.js";
import { secrets, weakSecrets } from "./secrets.js";

const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), "must be an http or https URL")
  .transform((text) => new URL(text));

const addressRange = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "must be addresses or CIDR ranges",
);

const folder = z.string().refine(existsSync, {
  error: ({ input }) => `there is no folder ${resolve(String(input))}`,
});

const MAX_WORKERS = 128;

const workers = z.string().transform((text, context) => {
  const count = text === "auto" ? availableParallelism() : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_WORKERS) return count;
  context.addIssue({ code: "custom", message: `must be auto, or a whole number from 1 to ${MAX_WORKERS}` });
  return z.NEVER;
});

const onOff = z.enum(["on", "off"]).transform((value) => value === "on");

const environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: z.coerce.number().pipe(z.int().min(0).max(65_535)).default(8080),
  HOST: z.string().min(1).default("127.0.0.1"),
  REDIS_URL: redisUrl.optional(),
  REDIS_CLUSTER: z
    .enum(["0", "1"], "must be 1 or 0")
    .transform((value) => value === "1")
    .optional(),
  REDIS_SENTINEL_MASTER: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  GRANDSTAND_REDIS_WAIT_MS: z.coerce.number().pipe(z.int().min(0).max(600_000)).default(60_000),
  GRANDSTAND_WAIT_REPLICAS: z.coerce.number().pipe(z.int().min(0).max(16)).default(0),
  GRANDSTAND_ALLOW_EVICTION: z
    .enum([
      "allkeys-lru",
      "allkeys-lfu",
      "allkeys-random",
      "volatile-lru",
      "volatile-lfu",
      "volatile-random",
      "volatile-ttl",
    ])
    .optional(),
  GRANDSTAND_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/, "must be 1 to 64 characters of A-Z a-z 0-9 . _ : -")
    .default("gs"),
  GRANDSTAND_API_KEYS: apiKeys.optional(),
  GRANDSTAND_TOKEN_SECRET: secrets.optional(),
  GRANDSTAND_TOKEN_PUBLIC_KEY: publicKey.optional(),
  GRANDSTAND_JWKS_URL: httpUrl.optional(),
  GRANDSTAND_TOKEN_ISSUER: z.string().optional(),
  GRANDSTAND_TOKEN_AUDIENCE: z.string().optional(),
  GRANDSTAND_COOKIE_SECRET: secrets.optional(),
  GRANDSTAND_GUESTS: onOff.optional(),
  GRANDSTAND_DATA_DIR: z.string().min(1).default(".data"),
  GRANDSTAND_WORKERS: workers.prefault("1"),
  GRANDSTAND_DRAIN_DELAY_MS: z.coerce.number().pipe(z.int().min(0).max(60_000)).optional(),
  GRANDSTAND_BATCH_MS: z.coerce.number().pipe(z.int().min(0).max(1_000)).default(50),
  GRANDSTAND_QUEUE_KIB: z.coerce.number().pipe(z.int().min(16).max(65_536)).default(256),
  GRANDSTAND_CHAT_OPEN_ROOMS: onOff.default(true),
  GRANDSTAND_LIMITS: limitSettings.prefault("{}"),
  GRANDSTAND_PRESENCE_GRACE_MS: z.coerce.number().pipe(z.int().min(0).max(600_000)).default(10_000),
  GRANDSTAND_LEASE_TTL_MS: z.coerce.number().pipe(z.int().min(3_000).max(120_000)).default(15_000),
  GRANDSTAND_HOOKS_URL: httpUrl.optional(),
  GRANDSTAND_HOOKS_SECRET: secrets.optional(),
  GRANDSTAND_HOOKS: hookList.default([...hookNames]),
  GRANDSTAND_HOOKS_TIMEOUT_MS: hookTimeoutMs.default(500),
  GRANDSTAND_HOOKS_FAIL: z.enum(["open", "closed"]).default("closed"),
  GRANDSTAND_WEBHOOK_URL: httpUrl.optional(),
  GRANDSTAND_WEBHOOK_SECRET: secrets.optional(),
  GRANDSTAND_WEBHOOK_ALLOWED_RANGES: list.pipe(z.array(addressRange)).default([]),
  GRANDSTAND_PROFILE_URL: profileUrl.optional(),
  GRANDSTAND_PROFILE_SECRET: secrets.optional(),
  GRANDSTAND_TRUSTED_PROXIES: list.pipe(z.array(addressRange)).default([]),
  GRANDSTAND_CORS_ORIGINS: list.pipe(z.array(origin)).optional(),
  GRANDSTAND_SOCKETIO_ADAPTER: onOff.default(false),
  GRANDSTAND_WEB: folder.optional(),
  GRANDSTAND_METRICS_TOKEN: metricsToken.optional(),
  GRANDSTAND_METRICS_PORT: metricsPort.optional(),
  GRANDSTAND_TRACES: onOff.default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(environment.shape);

/** The settings of one node, read once at the start. docs/settings.md documents them. */
export interface Config {
  isProduction: boolean;
  port: number;
  host: string;
  /** Null when the node starts its own private Redis. */
  redisUrl: string | null;
  /** Whether `redisUrl` is the URL of a Cluster; null to detect this from the server. */
  isRedisCluster: boolean | null;
  /** When `redisUrl` lists Sentinels: the name of the primary, and the password of the Sentinels. */
  redisSentinel: { master: string; password: string | null } | null;
  /** How long the start waits for a Redis that does not answer, loads its data or is full. */
  redisWaitMs: number;
  /** How many replicas must confirm a write before the client's call succeeds. */
  waitReplicas: number;
  /** An eviction policy of Redis that is accepted in production although it loses data; null for none. */
  allowedEviction: string | null;
  /** The prefix of every key and topic in Redis. */
  prefix: string;
  /** The name of each API key, with the SHA-256 of its secret as base64url. */
  apiKeys: ReadonlyMap<string, string>;
  tokens: TokenSettings;
  /** The secrets that sign session cookies; null to use a secret that the nodes create and share in Redis. */
  cookieSecrets: string[] | null;
  identityPace: IdentityPace;
  guestsAllowed: boolean;
  /** When the node becomes idle, and how often an idle node runs its periodic tasks. */
  pace: PaceSettings;
  dataDir: string;
  /** How many nodes run on this machine behind the port. */
  workers: number;
  /** How long a stopping node still serves while it reports that it is not ready. */
  drainDelayMs: number;
  /** The longest time that publications of a channel wait to be sent together; 0 to send each at once. */
  batchMs: number;
  /** How much may be queued for a slow consumer. */
  queueLimits: { queuedBytes: number; closeBytes: number; closeMs: number };
  /**
   * Whether a chat room that was never configured is public. If not, only servers, members, and users whose credentials
   * give rights on the room have access.
   */
  openRooms: boolean;
  limits: LimitSettings;
  /** How long a user stays in a room after the last connection closed. */
  presenceGraceMs: number;
  /** The TTL of a node's lease. When the lease expires, other nodes remove the node's members from the rooms. */
  leaseTtlMs: number;
  hooks: HookSettings;
  webhooks: WebhookSettings;
  profiles: ProfileSettings;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is trusted. */
  trustedProxies: string[];
  /** Origins of pages that may call this node; null allows pages of this machine only. */
  corsOrigins: string[] | null;
  /** Whether other nodes and programs can address the Socket.IO clients of a node. */
  socketIoAdapter: boolean;
  /** A folder of static files to serve at `/`. */
  webDir: string | null;
  /** Null: metrics are neither kept nor served. */
  metrics: MetricsSettings | null;
  /** Whether spans are exported with OpenTelemetry. */
  isTracing: boolean;
  logLevel: string;
  /** Settings that are valid but risky, for the log at the start. */
  warnings: string[];
}

/** How JWTs are verified. Without any key, no JWT is accepted. */
export interface TokenSettings {
  /** For HS256. */
  secrets: string[];
  publicKey: KeyObject | null;
  jwksUrl: URL | null;
  /** The required `iss`; null accepts any. */
  issuer: string | null;
  /** The required `aud`; null accepts any. */
  audience: string | null;
}

export type { ProfileSettings } from "./profiles.js";

export interface PaceSettings {
  /** How long after its last call or connection a node becomes idle, in ms. */
  idleAfterMs: number;
  /** A number by which the intervals of an idle node's periodic tasks are divided. 1 changes nothing. */
  idleSpeed: number;
}

export interface WebhookSettings {
  /** The URL of the webhook that the settings define; null if they define none. The id of this webhook is `settings`. */
  url: URL | null;
  /** The secrets that sign deliveries. Without one, webhooks are disabled. */
  secrets: string[];
  /** Addresses and CIDR ranges outside of the public internet to which webhooks may be sent. */
  allowedRanges: string[];
  pace: WebhookPace;
}

/** The times of webhooks, in ms. */
export interface WebhookPace {
  /** How long one attempt may take. */
  attemptMs: number;
  /** The delays before the second attempt and each further attempt; 24 hours in total. */
  retriesMs: readonly number[];
  /** A delivery whose node stopped is attempted again after this time. */
  lockMs: number;
  /** How often outboxes are searched for events that a stopped node left. */
  sweepMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const webhookPace: WebhookPace = {
  attemptMs: 10_000,
  retriesMs: [
    5_000,
    30_000,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
    8 * HOUR_MS,
    8 * HOUR_MS + 17 * MINUTE_MS + 25_000,
  ],
  lockMs: 6_000,
  sweepMs: 15_000,
};

/** The intervals at which credentials are checked, in ms. */
export interface IdentityPace {
  /** How long before the expiry a connection is warned. */
  warnMs: number;
  /** How long after the expiry a connection is closed. */
  graceMs: number;
  /** At this interval, a node reads the revocations whose notices it may have missed. */
  reviewMs: number;
  /** How often `CredentialRevalidation` (auth/credential-revalidation.ts) checks the credentials of open connections. */
  slideMs: number;
  /** See `KeySetPace` in auth/key-set.ts. */
  keySet: { cooldownMs: number; failedMs: number; maxAgeMs: number };
}

const identityPace: IdentityPace = {
  warnMs: 60_000,
  graceMs: 25_000,
  reviewMs: 40_000,
  slideMs: 300_000,
  keySet: { cooldownMs: 10_000, failedMs: 5_000, maxAgeMs: 600_000 },
};

const pace: PaceSettings = { idleAfterMs: 10_000, idleSpeed: 1 };

/** Lists every fault of the settings, one per line. */
export class ConfigError extends Error {
  constructor(faults: string[]) {
    super(`The settings are not valid:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/**
 * Reads the settings from environment variables. An empty variable counts as not set.
 * @throws {ConfigError} naming every fault together.
 */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const { env, faults: wrongValues } = readEach(given);
  const faults = [...unknownSettings(given), ...wrongValues];
  const isProduction = given.NODE_ENV === "production";
  const hasKeys = given.GRANDSTAND_API_KEYS !== undefined && env.GRANDSTAND_API_KEYS?.size !== 0;
  if (isProduction && !hasKeys) {
    faults.push("GRANDSTAND_API_KEYS: production needs at least one key");
  }
  const { REDIS_URL: url, ...kind } = env;
  if (url !== undefined) faults.push(...redisKindFaults({ ...kind, REDIS_URL: parseRedisUrl(url) }));
  // `url` is also undefined if REDIS_URL is malformed. That fault is reported already, so nothing more is checked.
  else if (given.REDIS_URL === undefined) faults.push(...redisKindFaults(kind));
  const tokenKeys = ["GRANDSTAND_TOKEN_SECRET", "GRANDSTAND_TOKEN_PUBLIC_KEY", "GRANDSTAND_JWKS_URL"];
  if (isProduction && tokenKeys.every((name) => given[name] === undefined)) {
    faults.push(
      "GRANDSTAND_TOKEN_SECRET: production needs it, GRANDSTAND_TOKEN_PUBLIC_KEY or GRANDSTAND_JWKS_URL",
    );
  }
  const { GRANDSTAND_METRICS_PORT: metricsPort = null, GRANDSTAND_METRICS_TOKEN: metricsToken } = env;
  if (metricsPort !== null && metricsPort !== 0 && metricsPort === env.PORT) {
    faults.push("GRANDSTAND_METRICS_PORT: must differ from PORT");
  }
  if ((env.GRANDSTAND_WAIT_REPLICAS ?? 0) > 0 && given.REDIS_URL === undefined) {
    faults.push("GRANDSTAND_WAIT_REPLICAS: needs REDIS_URL: the private Redis has no replica");
  }
  if (given.GRANDSTAND_HOOKS_URL !== undefined && given.GRANDSTAND_HOOKS_SECRET === undefined) {
    faults.push("GRANDSTAND_HOOKS_SECRET: GRANDSTAND_HOOKS_URL needs it");
  }
  if (given.GRANDSTAND_WEBHOOK_URL !== undefined && given.GRANDSTAND_WEBHOOK_SECRET === undefined) {
    faults.push("GRANDSTAND_WEBHOOK_SECRET: GRANDSTAND_WEBHOOK_URL needs it");
  }
  if (given.GRANDSTAND_PROFILE_SECRET !== undefined && given.GRANDSTAND_PROFILE_URL === undefined) {
    faults.push("GRANDSTAND_PROFILE_URL: GRANDSTAND_PROFILE_SECRET needs it");
  }
  if (isProduction) {
    if (metricsToken?.isWeak) {
      faults.push("GRANDSTAND_METRICS_TOKEN: the token is too weak for production: use a random one");
    }
    faults.push(
      ...weakSecrets("GRANDSTAND_HOOKS_SECRET", env.GRANDSTAND_HOOKS_SECRET),
      ...weakSecrets("GRANDSTAND_WEBHOOK_SECRET", env.GRANDSTAND_WEBHOOK_SECRET),
      ...weakSecrets("GRANDSTAND_PROFILE_SECRET", env.GRANDSTAND_PROFILE_SECRET),
      ...weakKeys(env.GRANDSTAND_API_KEYS),
      ...weakSecrets("GRANDSTAND_TOKEN_SECRET", env.GRANDSTAND_TOKEN_SECRET),
      ...weakSecrets("GRANDSTAND_COOKIE_SECRET", env.GRANDSTAND_COOKIE_SECRET),
    );
  }
  if (!isWhole(env, faults)) throw new ConfigError(faults);
  return {
    isProduction,
    port: env.PORT,
    host: env.HOST,
    redisUrl: env.REDIS_URL ?? null,
    isRedisCluster: env.REDIS_CLUSTER ?? null,
    redisSentinel:
      env.REDIS_SENTINEL_MASTER === undefined
        ? null
        : { master: env.REDIS_SENTINEL_MASTER, password: env.REDIS_SENTINEL_PASSWORD ?? null },
    redisWaitMs: env.GRANDSTAND_REDIS_WAIT_MS,
    waitReplicas: env.GRANDSTAND_WAIT_REPLICAS,
    allowedEviction: env.GRANDSTAND_ALLOW_EVICTION ?? null,
    prefix: env.GRANDSTAND_PREFIX,
    apiKeys: new Map([...(env.GRANDSTAND_API_KEYS ?? [])].map(([name, { digest }]) => [name, digest])),
    tokens: {
      secrets: env.GRANDSTAND_TOKEN_SECRET ?? [],
      publicKey: env.GRANDSTAND_TOKEN_PUBLIC_KEY ?? null,
      jwksUrl: env.GRANDSTAND_JWKS_URL ?? null,
      issuer: env.GRANDSTAND_TOKEN_ISSUER ?? null,
      audience: env.GRANDSTAND_TOKEN_AUDIENCE ?? null,
    },
    cookieSecrets: env.GRANDSTAND_COOKIE_SECRET ?? null,
    identityPace,
    guestsAllowed: env.GRANDSTAND_GUESTS ?? false,
    pace,
    dataDir: env.GRANDSTAND_DATA_DIR,
    workers: env.GRANDSTAND_WORKERS,
    drainDelayMs: env.GRANDSTAND_DRAIN_DELAY_MS ?? (isProduction ? PRODUCTION_DRAIN_DELAY_MS : 0),
    batchMs: env.GRANDSTAND_BATCH_MS,
    queueLimits: queueLimits(env.GRANDSTAND_QUEUE_KIB),
    openRooms: env.GRANDSTAND_CHAT_OPEN_ROOMS,
    limits: env.GRANDSTAND_LIMITS,
    presenceGraceMs: env.GRANDSTAND_PRESENCE_GRACE_MS,
    leaseTtlMs: env.GRANDSTAND_LEASE_TTL_MS,
    hooks: {
      url: env.GRANDSTAND_HOOKS_URL ?? null,
      secrets: env.GRANDSTAND_HOOKS_SECRET ?? [],
      names: env.GRANDSTAND_HOOKS,
      timeoutMs: env.GRANDSTAND_HOOKS_TIMEOUT_MS,
      isFailOpen: env.GRANDSTAND_HOOKS_FAIL === "open",
    },
    webhooks: {
      url: env.GRANDSTAND_WEBHOOK_URL ?? null,
      secrets: env.GRANDSTAND_WEBHOOK_SECRET ?? [],
      allowedRanges: env.GRANDSTAND_WEBHOOK_ALLOWED_RANGES,
      pace: webhookPace,
    },
    profiles: {
      url: env.GRANDSTAND_PROFILE_URL ?? null,
      secret: env.GRANDSTAND_PROFILE_SECRET?.[0] ?? null,
      ...profilePace,
    },
    trustedProxies: env.GRANDSTAND_TRUSTED_PROXIES,
    corsOrigins: env.GRANDSTAND_CORS_ORIGINS ?? (isProduction ? [] : null),
    socketIoAdapter: env.GRANDSTAND_SOCKETIO_ADAPTER,
    webDir: env.GRANDSTAND_WEB ?? null,
    metrics:
      isProduction && metricsPort === null && metricsToken === undefined
        ? null
        : { port: metricsPort, tokenDigest: metricsToken?.digest ?? null },
    isTracing: env.GRANDSTAND_TRACES,
    logLevel: env.LOG_LEVEL,
    warnings: isProduction && given.GRANDSTAND_LIMITS === "off" ? [LIMITS_ARE_OFF] : [],
  };
}

type Environment = z.output<typeof environment>;

/** Reads each setting on its own, so that the faults of all settings are reported. */
function readEach(given: Record<string, string | undefined>): {
  env: Partial<Environment>;
  faults: string[];
} {
  const read = Object.entries(environment.shape).map(
    ([name, schema]) => [name, schema.safeParse(given[name])] as const,
  );
  return {
    env: Object.fromEntries(read.map(([name, { data }]) => [name, data])),
    faults: read.flatMap(([name, { error }]) => error?.issues.map((issue) => faultOf(name, issue)) ?? []),
  };
}

/** Narrows the type: if there is no fault, every setting was parsed. */
function isWhole(_env: Partial<Environment>, faults: string[]): _env is Environment {
  return faults.length === 0;
}

const LIMITS_ARE_OFF = "GRANDSTAND_LIMITS is off: one client can overload this node";

/**
 * Longer than a load balancer needs to detect that the node is not ready. deploy/haproxy.cfg checks every second and acts
 * after two failures.
 */
const PRODUCTION_DRAIN_DELAY_MS = 3_000;

/** A slow consumer that does not catch up within this time is closed. */
const SLOW_CLOSE_MS = 15_000;

function queueLimits(kib: number): Config["queueLimits"] {
  const queuedBytes = kib * 1_024;
  return { queuedBytes, closeBytes: 4 * queuedBytes, closeMs: SLOW_CLOSE_MS };
}

/** Refuses unknown settings, because a misspelt setting would be ignored silently. */
function unknownSettings(given: object): string[] {
  return Object.keys(given)
    .filter((name) => /^GRANDSTAND_(?!TEST_)/.test(name) && !Object.hasOwn(environment.shape, name))
    .map((name) => `${name}: is not a known setting`);
}

function faultOf(setting: string, { path, message }: z.core.$ZodIssue): string {
  // A fault in a list names the setting only; a fault in an object also names the field.
  const part = path.filter((name) => typeof name === "string").join(".");
  return `${setting}: ${part === "" ? "" : `${part} `}${message}`;
}
