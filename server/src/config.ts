import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type LimitSettings, limitSettings } from "./limits/settings.js";
import { apiKeys, weakKeys } from "./settings/api-keys.js";
import { list } from "./settings/list.js";
import { publicKey } from "./settings/public-key.js";
import { secrets, weakSecrets } from "./settings/secrets.js";

const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), "must be an http or https URL")
  .transform((text) => new URL(text));

const addressRange = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "must be addresses or CIDR ranges",
);

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    "must be origins, as https://example.com",
  );

const folder = z.string().refine(existsSync, {
  error: ({ input }) => `there is no folder ${resolve(String(input))}`,
});

const onOff = z.enum(["on", "off"]).transform((value) => value === "on");

const environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: z.coerce.number().pipe(z.int().min(0).max(65_535)).default(8080),
  HOST: z.string().min(1).default("127.0.0.1"),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?|unix):\/\/.+/, "must begin with redis://, rediss:// or unix://")
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
  GRANDSTAND_BATCH_MS: z.coerce.number().pipe(z.int().min(0).max(1_000)).default(50),
  GRANDSTAND_QUEUE_KIB: z.coerce.number().pipe(z.int().min(16).max(65_536)).default(256),
  GRANDSTAND_CHAT_OPEN_ROOMS: onOff.default(true),
  GRANDSTAND_LIMITS: limitSettings.prefault("{}"),
  GRANDSTAND_PRESENCE_GRACE_MS: z.coerce.number().pipe(z.int().min(0).max(600_000)).default(10_000),
  GRANDSTAND_LEASE_TTL_MS: z.coerce.number().pipe(z.int().min(3_000).max(120_000)).default(15_000),
  GRANDSTAND_TRUSTED_PROXIES: list.pipe(z.array(addressRange)).default([]),
  GRANDSTAND_CORS_ORIGINS: list.pipe(z.array(origin)).optional(),
  GRANDSTAND_WEB: folder.optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

/** Every setting of one node. Read once, at the start; see the table in docs/settings.md. */
export interface Config {
  isProduction: boolean;
  port: number;
  host: string;
  /** Null: the node starts a private Redis of its own. */
  redisUrl: string | null;
  /** What every key and channel in Redis begins with. */
  prefix: string;
  /** SHA-256 of the secret by name, as base64url. */
  apiKeys: ReadonlyMap<string, string>;
  tokens: TokenSettings;
  /** What signs the cookies of sessions; null for a secret that the nodes share in Redis. */
  cookieSecrets: string[] | null;
  identityPace: IdentityPace;
  guestsAllowed: boolean;
  dataDir: string;
  /** How long publications of one channel may gather under load. */
  batchMs: number;
  /** How much may wait for a client that reads slowly. */
  queueLimits: { queuedBytes: number; closeBytes: number; closeMs: number };
  /** Whether a chat room that was never configured is public; else only API keys may see it. */
  openRooms: boolean;
  limits: LimitSettings;
  /** How long a user stays in a room after its last connection is gone. */
  presenceGraceMs: number;
  /** How long the other nodes wait for one that they don't hear of before they take it for gone. */
  leaseTtlMs: number;
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  /** Origins of pages that may call this node; null allows those of this machine only. */
  corsOrigins: string[] | null;
  /** A folder of static files to serve at `/`. */
  webDir: string | null;
  logLevel: string;
  /** What is allowed and yet unwise, for the log of the start. */
  warnings: string[];
}

/** What JWTs are checked with. Without any key there are none. */
export interface TokenSettings {
  /** For HS256. */
  secrets: string[];
  publicKey: KeyObject | null;
  jwksUrl: URL | null;
  /** What `iss` and `aud` must say; null for anything. */
  issuer: string | null;
  audience: string | null;
}

/** When credentials are looked after, in ms. */
export interface IdentityPace {
  /** How long before their end a connection hears of it. */
  warnMs: number;
  /** How long after their end it stays. */
  graceMs: number;
  /** How often to ask for revocations that a node was not told of. */
  reviewMs: number;
  /** How often sessions that a connection holds are used. */
  slideMs: number;
  /** How often a key set is asked for a key that it did not have, a host that failed, and one that is in use. */
  keySet: { cooldownMs: number; failedMs: number; maxAgeMs: number };
}

const identityPace: IdentityPace = {
  warnMs: 60_000,
  graceMs: 25_000,
  reviewMs: 40_000,
  slideMs: 300_000,
  keySet: { cooldownMs: 10_000, failedMs: 5_000, maxAgeMs: 600_000 },
};

/** Every fault of the settings, one line each. */
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
  const tokenKeys = ["GRANDSTAND_TOKEN_SECRET", "GRANDSTAND_TOKEN_PUBLIC_KEY", "GRANDSTAND_JWKS_URL"];
  if (isProduction && tokenKeys.every((name) => given[name] === undefined)) {
    faults.push(
      "GRANDSTAND_TOKEN_SECRET: production needs it, GRANDSTAND_TOKEN_PUBLIC_KEY or GRANDSTAND_JWKS_URL",
    );
  }
  if (isProduction) {
    faults.push(
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
    dataDir: env.GRANDSTAND_DATA_DIR,
    batchMs: env.GRANDSTAND_BATCH_MS,
    queueLimits: queueLimits(env.GRANDSTAND_QUEUE_KIB),
    openRooms: env.GRANDSTAND_CHAT_OPEN_ROOMS,
    limits: env.GRANDSTAND_LIMITS,
    presenceGraceMs: env.GRANDSTAND_PRESENCE_GRACE_MS,
    leaseTtlMs: env.GRANDSTAND_LEASE_TTL_MS,
    trustedProxies: env.GRANDSTAND_TRUSTED_PROXIES,
    corsOrigins: env.GRANDSTAND_CORS_ORIGINS ?? (isProduction ? [] : null),
    webDir: env.GRANDSTAND_WEB ?? null,
    logLevel: env.LOG_LEVEL,
    warnings: isProduction && given.GRANDSTAND_LIMITS === "off" ? [LIMITS_ARE_OFF] : [],
  };
}

type Environment = z.output<typeof environment>;

/** Reads each setting by itself, so that a wrong one hides no fault of another. */
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

/** Without a fault, every setting has its value. */
function isWhole(_env: Partial<Environment>, faults: string[]): _env is Environment {
  return faults.length === 0;
}

const LIMITS_ARE_OFF = "GRANDSTAND_LIMITS is off: nothing bounds what one client can ask of this node";

/** A client that does not read for this long is closed. */
const SLOW_CLOSE_MS = 15_000;

function queueLimits(kib: number): Config["queueLimits"] {
  const queuedBytes = kib * 1_024;
  return { queuedBytes, closeBytes: 4 * queuedBytes, closeMs: SLOW_CLOSE_MS };
}

/** A misspelt setting would else be ignored in silence. */
function unknownSettings(given: object): string[] {
  return Object.keys(given)
    .filter((name) => /^GRANDSTAND_(?!TEST_)/.test(name) && !Object.hasOwn(environment.shape, name))
    .map((name) => `${name}: is not a known setting`);
}

function faultOf(setting: string, { path, message }: z.core.$ZodIssue): string {
  // Of a list the rule is said of all its parts; of an object it is that of one.
  const part = path.filter((name) => typeof name === "string").join(".");
  return `${setting}: ${part === "" ? "" : `${part} `}${message}`;
}
