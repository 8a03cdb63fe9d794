import { generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, webhookPace } from "./config.js";
import { hookNames } from "./hooks.js";
import { profilePace } from "./profiles.js";

const secret = "a secret of 32 bytes or somewhat more";
const otherSecret = "another secret of 32 bytes and just as good";
const pemOf = (key: KeyObject) =>
  key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" }).toString();
const pair = generateKeyPairSync("ed25519");
const publicPem = pemOf(pair.publicKey);
const privatePem = pemOf(pair.privateKey);
const identityPace = {
  warnMs: 60_000,
  graceMs: 25_000,
  reviewMs: 40_000,
  slideMs: 300_000,
  keySet: { cooldownMs: 10_000, failedMs: 5_000, maxAgeMs: 600_000 },
};

function errorsOf(variables: Record<string, string>): string {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the settings are valid");
}

describe("readConfig", () => {
  it("returns the documented defaults, and treats an empty variable as not set", () => {
    expect(readConfig({ REDIS_URL: "", PORT: "" })).toEqual({
      isProduction: false,
      port: 8080,
      host: "127.0.0.1",
      redisUrl: null,
      isRedisCluster: null,
      redisSentinel: null,
      redisWaitMs: 60_000,
      waitReplicas: 0,
      allowedEviction: null,
      prefix: "gs",
      apiKeys: new Map(),
      tokens: { secrets: [], publicKey: null, jwksUrl: null, issuer: null, audience: null },
      cookieSecrets: null,
      identityPace,
      guestsAllowed: false,
      pace: { idleAfterMs: 10_000, idleSpeed: 1 },
      dataDir: ".data",
      workers: 1,
      drainDelayMs: 0,
      batchMs: 50,
      queueLimits: { queuedBytes: 262_144, closeBytes: 1_048_576, closeMs: 15_000 },
      openRooms: true,
      limits: {
        user: { points: 6_000, windowSeconds: 60 },
        apiKey: null,
        address: { points: 1_200, windowSeconds: 60 },
        failures: { points: 200, windowSeconds: 60 },
        connection: { burst: 400, perSecond: 60 },
        connections: {
          perUser: 50,
          perAddress: 500,
          perNode: 20_000,
          waitingPerAddress: 100,
          perSecond: 2_000,
        },
        channelsPerConnection: 128,
        creations: { points: 1_000, windowSeconds: 3_600 },
      },
      presenceGraceMs: 10_000,
      leaseTtlMs: 15_000,
      hooks: { url: null, secrets: [], names: [...hookNames], timeoutMs: 500, isFailOpen: false },
      webhooks: { url: null, secrets: [], allowedRanges: [], pace: webhookPace },
      profiles: { url: null, secret: null, ...profilePace },
      trustedProxies: [],
      corsOrigins: null,
      socketIoAdapter: false,
      webDir: null,
      metrics: { port: null, tokenDigest: null },
      isTracing: false,
      logLevel: "info",
      warnings: [],
    });
  });

  it("reads the settings of a production node", () => {
    expect(
      readConfig({
        NODE_ENV: "production",
        PORT: "9000",
        HOST: "0.0.0.0",
        GRANDSTAND_WAIT_REPLICAS: "2",
        REDIS_URL: "redis://user:pass@redis:26379,redis-2:26379/2",
        REDIS_SENTINEL_MASTER: "mymaster",
        REDIS_SENTINEL_PASSWORD: "sentinel-pass",
        GRANDSTAND_PREFIX: "app",
        GRANDSTAND_API_KEYS: `game:s3:cret-of-the-game, ops:sha256:${hash("sha256", "other")}`,
        GRANDSTAND_TOKEN_SECRET: `${secret},${otherSecret}`,
        GRANDSTAND_TOKEN_PUBLIC_KEY: publicPem.replaceAll("\n", "\\n"),
        GRANDSTAND_JWKS_URL: "https://id.example/jwks",
        GRANDSTAND_TOKEN_ISSUER: "https://id.example/",
        GRANDSTAND_TOKEN_AUDIENCE: "game",
        GRANDSTAND_COOKIE_SECRET: otherSecret,
        GRANDSTAND_GUESTS: "on",
        GRANDSTAND_DATA_DIR: "/var/lib/grandstand",
        GRANDSTAND_WORKERS: "4",
        GRANDSTAND_DRAIN_DELAY_MS: "5000",
        GRANDSTAND_BATCH_MS: "0",
        GRANDSTAND_LIMITS: "off",
        GRANDSTAND_PRESENCE_GRACE_MS: "0",
        GRANDSTAND_LEASE_TTL_MS: "3000",
        GRANDSTAND_HOOKS_URL: "http://10.0.0.7/hooks",
        GRANDSTAND_HOOKS_SECRET: secret,
        GRANDSTAND_HOOKS: "connect, chat.send",
        GRANDSTAND_HOOKS_TIMEOUT_MS: "250",
        GRANDSTAND_HOOKS_FAIL: "open",
        GRANDSTAND_WEBHOOK_URL: "https://app.example/events",
        GRANDSTAND_WEBHOOK_SECRET: secret,
        GRANDSTAND_WEBHOOK_ALLOWED_RANGES: "10.1.0.0/16, ::1",
        GRANDSTAND_PROFILE_URL: "http://app.internal:3000/users/{user}?fields=name",
        GRANDSTAND_PROFILE_SECRET: secret,
        GRANDSTAND_TRUSTED_PROXIES: "10.0.0.0/8, 192.168.1.1",
        GRANDSTAND_CORS_ORIGINS: "https://a.example,https://b.example",
        GRANDSTAND_SOCKETIO_ADAPTER: "on",
        GRANDSTAND_WEB: "web",
        GRANDSTAND_METRICS_TOKEN: "tbvD51hXqWcGyFz0",
        GRANDSTAND_METRICS_PORT: "9001",
        GRANDSTAND_TRACES: "on",
        LOG_LEVEL: "warn",
      }),
    ).toEqual({
      isProduction: true,
      port: 9000,
      host: "0.0.0.0",
      redisUrl: "redis://user:pass@redis:26379,redis-2:26379/2",
      isRedisCluster: null,
      redisSentinel: { master: "mymaster", password: "sentinel-pass" },
      redisWaitMs: 60_000,
      waitReplicas: 2,
      allowedEviction: null,
      prefix: "app",
      apiKeys: new Map([
        ["game", hash("sha256", "s3:cret-of-the-game", "base64url")],
        ["ops", hash("sha256", "other", "base64url")],
      ]),
      tokens: {
        secrets: [secret, otherSecret],
        publicKey: expect.objectContaining({ asymmetricKeyType: "ed25519" }),
        jwksUrl: new URL("https://id.example/jwks"),
        issuer: "https://id.example/",
        audience: "game",
      },
      cookieSecrets: [otherSecret],
      identityPace,
      guestsAllowed: true,
      pace: { idleAfterMs: 10_000, idleSpeed: 1 },
      dataDir: "/var/lib/grandstand",
      workers: 4,
      drainDelayMs: 5_000,
      batchMs: 0,
      queueLimits: { queuedBytes: 262_144, closeBytes: 1_048_576, closeMs: 15_000 },
      openRooms: true,
      limits: {
        user: null,
        apiKey: null,
        address: null,
        failures: null,
        connection: null,
        connections: null,
        channelsPerConnection: 128,
        creations: null,
      },
      presenceGraceMs: 0,
      leaseTtlMs: 3_000,
      hooks: {
        url: new URL("http://10.0.0.7/hooks"),
        secrets: [secret],
        names: ["connect", "chat.send"],
        timeoutMs: 250,
        isFailOpen: true,
      },
      webhooks: {
        url: new URL("https://app.example/events"),
        secrets: [secret],
        allowedRanges: ["10.1.0.0/16", "::1"],
        pace: webhookPace,
      },
      profiles: { url: "http://app.internal:3000/users/{user}?fields=name", secret, ...profilePace },
      trustedProxies: ["10.0.0.0/8", "192.168.1.1"],
      corsOrigins: ["https://a.example", "https://b.example"],
      socketIoAdapter: true,
      webDir: "web",
      metrics: { port: 9001, tokenDigest: hash("sha256", "tbvD51hXqWcGyFz0", "base64url") },
      isTracing: true,
      logLevel: "warn",
      warnings: [expect.stringContaining("GRANDSTAND_LIMITS is off")],
    });
  });

  it.each([
    [{ REDIS_URL: "redis://a,b" }, "REDIS_URL: lists several servers"],
    [
      { REDIS_URL: "redis://a,rediss://b", REDIS_CLUSTER: "1" },
      "REDIS_URL: lists servers of different kinds",
    ],
    [{ REDIS_URL: "redis://a/1", REDIS_CLUSTER: "1" }, "REDIS_URL: a Cluster has database 0 only"],
    [
      { REDIS_URL: "unix:///redis.sock", REDIS_CLUSTER: "1" },
      "REDIS_URL: a Cluster and Sentinels have no unix",
    ],
    [{ GRANDSTAND_WAIT_REPLICAS: "1" }, "GRANDSTAND_WAIT_REPLICAS: needs REDIS_URL"],
    [{ REDIS_URL: "redis://a", GRANDSTAND_WAIT_REPLICAS: "-1" }, "GRANDSTAND_WAIT_REPLICAS: Too small"],
    [{ REDIS_CLUSTER: "1" }, "REDIS_URL: is needed with"],
    [{ REDIS_URL: "redis://a", REDIS_CLUSTER: "yes" }, "REDIS_CLUSTER: must be 1 or 0"],
    [{ REDIS_URL: "redis://a", REDIS_SENTINEL_PASSWORD: "x" }, "REDIS_SENTINEL_PASSWORD: needs"],
    [
      { REDIS_URL: "redis://a", REDIS_CLUSTER: "1", REDIS_SENTINEL_MASTER: "m" },
      "REDIS_CLUSTER: excludes REDIS_SENTINEL_MASTER",
    ],
  ])("OP5: refuses invalid or contradicting settings of Redis: %j", (settings, fault) => {
    expect(errorsOf(settings as Record<string, string>)).toContain(fault);
  });

  it("OP5: does not also report an invalid REDIS_URL as missing", () => {
    const settings = { REDIS_URL: "redis://a,rediss://b", REDIS_CLUSTER: "1", GRANDSTAND_WAIT_REPLICAS: "1" };
    expect(errorsOf(settings)).not.toContain("need");
  });

  it("throws one error that names every invalid setting and repeats no secret", () => {
    const faults = errorsOf({
      PORT: "99999",
      REDIS_URL: "localhost:6379",
      GRANDSTAND_PREFIX: "a{b}",
      GRANDSTAND_API_KEYS: "game:s3cret,nocolon",
      GRANDSTAND_TOKEN_SECRET: "short-secret",
      GRANDSTAND_TOKEN_PUBLIC_KEY: privatePem,
      GRANDSTAND_JWKS_URL: "id.example/jwks",
      GRANDSTAND_COOKIE_SECRET: `${secret},short-secret`,
      GRANDSTAND_GUESTS: "yes",
      GRANDSTAND_DRAIN_DELAY_MS: "60001",
      GRANDSTAND_BATCH_MS: "soon",
      GRANDSTAND_PRESENCE_GRACE_MS: "600001",
      GRANDSTAND_LEASE_TTL_MS: "2999",
      GRANDSTAND_TRUSTED_PROXIES: "10.0.0.0/8,proxy",
      GRANDSTAND_CORS_ORIGINS: "example.com",
      LOG_LEVEL: "loud",
    });
    for (const name of [
      "PORT",
      "REDIS_URL",
      "GRANDSTAND_PREFIX",
      "GRANDSTAND_API_KEYS",
      "GRANDSTAND_TOKEN_SECRET",
      "GRANDSTAND_TOKEN_PUBLIC_KEY",
      "GRANDSTAND_JWKS_URL",
      "GRANDSTAND_COOKIE_SECRET",
      "GRANDSTAND_GUESTS",
      "GRANDSTAND_DRAIN_DELAY_MS",
      "GRANDSTAND_BATCH_MS",
      "GRANDSTAND_PRESENCE_GRACE_MS",
      "GRANDSTAND_LEASE_TTL_MS",
      "GRANDSTAND_TRUSTED_PROXIES",
      "GRANDSTAND_CORS_ORIGINS",
      "LOG_LEVEL",
    ]) {
      expect(faults).toContain(`  ${name}: `);
    }
    for (const secretPart of ["s3cret", "short-secret", privatePem.split("\n")[1]!]) {
      expect(faults).not.toContain(secretPart);
    }
  });

  it("OP6: reads `auto` as one worker for each core, and refuses a wrong number of workers", () => {
    expect(readConfig({ GRANDSTAND_WORKERS: "auto" }).workers).toBe(availableParallelism());
    for (const GRANDSTAND_WORKERS of ["0", "10000", "1.5", "-1", "two"])
      expect(errorsOf({ GRANDSTAND_WORKERS })).toContain(
        "GRANDSTAND_WORKERS: must be auto, or a whole number",
      );
  });

  it("refuses an API key that looks like a session token, or whose hash is too short", () => {
    expect(errorsOf({ GRANDSTAND_API_KEYS: "game:gss_secret" })).toContain("GRANDSTAND_API_KEYS");
    expect(errorsOf({ GRANDSTAND_API_KEYS: "game:sha256:abc" })).toContain("GRANDSTAND_API_KEYS");
  });

  it("refuses an unknown GRANDSTAND_ setting, such as a misspelt name", () => {
    expect(errorsOf({ GRANDSTAND_GUEST: "on" })).toContain("GRANDSTAND_GUEST: is not a known setting");
  });

  it("AU7: in production requires an API key, and turns guests and CORS off by default", () => {
    for (const GRANDSTAND_API_KEYS of ["", ",", " , "]) {
      expect(errorsOf({ NODE_ENV: "production", GRANDSTAND_API_KEYS })).toContain("GRANDSTAND_API_KEYS");
    }
    expect(
      readConfig({
        NODE_ENV: "production",
        GRANDSTAND_API_KEYS: "a:9c41f0d7b25e83aa",
        GRANDSTAND_TOKEN_SECRET: secret,
      }),
    ).toMatchObject({
      guestsAllowed: false,
      corsOrigins: [],
      drainDelayMs: 3_000,
    });
  });

  it("AU7: in production requires a secret or key to verify users' tokens with", () => {
    const production = { NODE_ENV: "production", GRANDSTAND_API_KEYS: "a:9c41f0d7b25e83aa" };
    expect(errorsOf(production)).toContain("GRANDSTAND_TOKEN_SECRET: production needs it");
    for (const [name, value] of [
      ["GRANDSTAND_TOKEN_SECRET", secret],
      ["GRANDSTAND_TOKEN_PUBLIC_KEY", publicPem],
      ["GRANDSTAND_JWKS_URL", "https://id.example/jwks"],
    ] as const) {
      expect(readConfig({ ...production, [name]: value }).isProduction).toBe(true);
    }
  });

  it("AU2: refuses a public key whose kind or size is not supported for tokens", () => {
    const rsa = (modulusLength: number) => pemOf(generateKeyPairSync("rsa", { modulusLength }).publicKey);
    const ec = (namedCurve: string) => pemOf(generateKeyPairSync("ec", { namedCurve }).publicKey);
    for (const pem of [rsa(2_048), ec("P-256"), publicPem]) {
      expect(readConfig({ GRANDSTAND_TOKEN_PUBLIC_KEY: pem }).tokens.publicKey).not.toBeNull();
    }
    for (const pem of [
      rsa(1_024),
      ec("P-384"),
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ]) {
      expect(errorsOf({ GRANDSTAND_TOKEN_PUBLIC_KEY: pem })).toContain("GRANDSTAND_TOKEN_PUBLIC_KEY");
    }
  });

  it.each([
    "short",
    "demo-key",
    "demo-key-demo-key",
    "Your-Secret-Key-Here",
    "change_me_please_",
    "aaaaaaaaaaaaaaaaaaaa",
  ])("AU7: in production refuses a weak API key, and does not repeat it in the error: %s", (secret) => {
    const variables = { GRANDSTAND_API_KEYS: `good:9c41f0d7b25e83aa,weak:${secret}` };
    const faults = errorsOf({ ...variables, NODE_ENV: "production" });
    expect(faults).toContain("GRANDSTAND_API_KEYS: the secret of weak is too weak");
    expect(faults).not.toContain("of good");
    expect(faults.replaceAll("weak", "")).not.toContain(secret);
    expect(readConfig(variables).apiKeys.size).toBe(2);
  });

  it.each(["GRANDSTAND_TOKEN_SECRET", "GRANDSTAND_COOKIE_SECRET"])(
    "AU7: in production refuses a weak secret, alone or in a list: %s",
    (setting) => {
      const variables = { GRANDSTAND_API_KEYS: "a:9c41f0d7b25e83aa", GRANDSTAND_TOKEN_SECRET: secret };
      const production = { ...variables, NODE_ENV: "production" };
      for (const weak of ["change-me-".repeat(4), "a".repeat(36), `${otherSecret},${"secret".repeat(6)}`]) {
        const faults = errorsOf({ ...production, [setting]: weak });
        expect(faults).toContain(`${setting}: a secret is too weak`);
        expect(faults).not.toContain(weak);
        expect(readConfig({ ...variables, [setting]: weak }).isProduction).toBe(false);
      }
      expect(readConfig({ ...production, [setting]: `${otherSecret},${secret}` }).isProduction).toBe(true);
    },
  );

  it("OP9: refuses hooks without a secret and invalid settings of hooks, and names the setting", () => {
    const url = "https://app.example/hooks";
    expect(() => readConfig({ GRANDSTAND_HOOKS_URL: url })).toThrow("GRANDSTAND_HOOKS_SECRET: ");
    for (const [name, value] of [
      ["GRANDSTAND_HOOKS_URL", "ftp://app.example"],
      ["GRANDSTAND_HOOKS_SECRET", "short"],
      ["GRANDSTAND_HOOKS", "chat.sent"],
      ["GRANDSTAND_HOOKS", ","],
      ["GRANDSTAND_HOOKS_TIMEOUT_MS", "2001"],
      ["GRANDSTAND_HOOKS_TIMEOUT_MS", "0.5"],
      ["GRANDSTAND_HOOKS_FAIL", "maybe"],
    ] as const) {
      expect(() => readConfig({ [name]: value })).toThrow(`${name}: `);
    }
    const weak = "secret-secret-secret-secret-secret";
    expect(errorsOf({ NODE_ENV: "production", GRANDSTAND_HOOKS_SECRET: weak })).toContain(
      "GRANDSTAND_HOOKS_SECRET",
    );
  });

  it("OP7: refuses a webhook without a secret and wrong settings of webhooks, and names the setting", () => {
    const url = "https://app.example/events";
    expect(() => readConfig({ GRANDSTAND_WEBHOOK_URL: url })).toThrow("GRANDSTAND_WEBHOOK_SECRET: ");
    for (const [name, value] of [
      ["GRANDSTAND_WEBHOOK_URL", "ftp://app.example"],
      ["GRANDSTAND_WEBHOOK_SECRET", "short"],
      ["GRANDSTAND_WEBHOOK_ALLOWED_RANGES", "here"],
    ] as const)
      expect(() => readConfig({ [name]: value })).toThrow(`${name}: `);
  });

  it("OP8: the URL of profiles must be http or https and have {user} in its path or query", () => {
    const faults = {
      "ftp://app.example/{user}": "must be an http or https URL",
      "not a URL {user}": "must be an http or https URL",
      "https://app.example/users": "must contain {user} in its path or query",
      "https://app.example/users#{user}": "must contain {user} in its path or query",
      "https://{user}.app.example/": "must not have {user} in its host",
      "https://{user}@app.example/": "must not have {user} in its host",
    };
    for (const [url, fault] of Object.entries(faults))
      expect(() => readConfig({ GRANDSTAND_PROFILE_URL: url })).toThrow(`GRANDSTAND_PROFILE_URL: ${fault}`);
    const secret = "a secret of the app's backend, 32 bytes";
    expect(() => readConfig({ GRANDSTAND_PROFILE_SECRET: secret })).toThrow("GRANDSTAND_PROFILE_URL: ");
    const url = "https://app.example/{user}";
    const short = { GRANDSTAND_PROFILE_URL: url, GRANDSTAND_PROFILE_SECRET: "short" };
    expect(() => readConfig(short)).toThrow("GRANDSTAND_PROFILE_SECRET: ");
  });

  it("OP1: serves metrics in production only with a port or a token, and refuses a weak token", () => {
    const production = {
      NODE_ENV: "production",
      GRANDSTAND_API_KEYS: "game:q8Zk2LwTn4Vx7Rb1",
      GRANDSTAND_TOKEN_SECRET: secret,
    };
    expect(readConfig(production).metrics).toBeNull();
    expect(readConfig({ ...production, GRANDSTAND_METRICS_PORT: "9100" }).metrics).toEqual({
      port: 9100,
      tokenDigest: null,
    });
    const withToken = { ...production, GRANDSTAND_METRICS_TOKEN: "tbvD51hXqWcGyFz0" };
    expect(readConfig(withToken).metrics).not.toBeNull();
    expect(errorsOf({ ...production, GRANDSTAND_METRICS_TOKEN: "my-secret-token-test" })).toContain(
      "GRANDSTAND_METRICS_TOKEN: the token is too weak",
    );
  });

  it("OP1: names wrong settings of the metrics without repeating the token", () => {
    const faults = errorsOf({ GRANDSTAND_METRICS_TOKEN: "s3cret", GRANDSTAND_METRICS_PORT: "many" });
    expect(faults).toMatch(/GRANDSTAND_METRICS_TOKEN: must be 16 or more/);
    expect(faults).toMatch(/GRANDSTAND_METRICS_PORT: /);
    expect(faults).not.toContain("s3cret");
    expect(errorsOf({ PORT: "9100", GRANDSTAND_METRICS_PORT: "9100" })).toContain(
      "GRANDSTAND_METRICS_PORT: must differ from PORT",
    );
  });

  it("AU7: refuses `*` as an origin for CORS", () => {
    expect(errorsOf({ GRANDSTAND_CORS_ORIGINS: "*" })).toContain("GRANDSTAND_CORS_ORIGINS: must be origins");
  });

  it("AU5: changes the limits that are given, and keeps the defaults of the others", () => {
    const { limits } = readConfig({ GRANDSTAND_LIMITS: '{"user":{"points":9},"address":"off","apiKey":{}}' });
    expect(limits).toMatchObject({
      user: { points: 9, windowSeconds: 60 },
      address: null,
      apiKey: { points: 60_000, windowSeconds: 60 },
      failures: { points: 200, windowSeconds: 60 },
    });
  });

  it.each([
    ["on", 'GRANDSTAND_LIMITS: must be "off" or an object'],
    ['{"user":', 'GRANDSTAND_LIMITS: must be "off" or an object'],
    ['{"users":{}}', "GRANDSTAND_LIMITS: has no part users"],
    ['{"user":7}', 'GRANDSTAND_LIMITS: user must be "off" or an object'],
    ['{"user":{"pionts":7}}', "GRANDSTAND_LIMITS: user has no part pionts"],
    ['{"user":{"points":0}}', "GRANDSTAND_LIMITS: user.points must be a whole number from 1 to 1000000000"],
    ['{"connection":{"burst":1.5}}', "GRANDSTAND_LIMITS: connection.burst must be a whole number"],
  ])("AU5: names the invalid limit: %s", (text, message) => {
    expect(errorsOf({ GRANDSTAND_LIMITS: text })).toContain(`  ${message}`);
  });
});
