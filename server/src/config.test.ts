import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.js";

function faultsOf(variables: Record<string, string>): string {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the settings are valid");
}

describe("readConfig", () => {
  it("has the defaults of the documentation, and takes an empty variable as not set", () => {
    expect(readConfig({ REDIS_URL: "", PORT: "" })).toEqual({
      isProduction: false,
      port: 8080,
      host: "127.0.0.1",
      redisUrl: null,
      prefix: "gs",
      apiKeys: new Map(),
      guestsAllowed: false,
      dataDir: ".data",
      batchMs: 50,
      queueLimits: { queuedBytes: 262_144, closeBytes: 1_048_576, closeMs: 15_000 },
      openRooms: true,
      limits: {
        user: { points: 6_000, windowSeconds: 60 },
        apiKey: null,
        address: { points: 1_200, windowSeconds: 60 },
        failures: { points: 200, windowSeconds: 60 },
        connection: { burst: 400, perSecond: 60 },
        connections: { perUser: 50, perAddress: 500, perNode: 20_000, waitingPerAddress: 100 },
        channelsPerConnection: 128,
      },
      trustedProxies: [],
      corsOrigins: null,
      webDir: null,
      logLevel: "info",
      warnings: [],
    });
  });

  it("reads every setting", () => {
    expect(
      readConfig({
        NODE_ENV: "production",
        PORT: "9000",
        HOST: "0.0.0.0",
        REDIS_URL: "redis://user:pass@redis:6379/2",
        GRANDSTAND_PREFIX: "app",
        GRANDSTAND_API_KEYS: "game:s3:cret-of-the-game, ops:other-9d81c2e7a1",
        GRANDSTAND_GUESTS: "on",
        GRANDSTAND_DATA_DIR: "/var/lib/grandstand",
        GRANDSTAND_BATCH_MS: "0",
        GRANDSTAND_LIMITS: "off",
        GRANDSTAND_TRUSTED_PROXIES: "10.0.0.0/8, 192.168.1.1",
        GRANDSTAND_CORS_ORIGINS: "https://a.example,https://b.example",
        GRANDSTAND_WEB: "web/dist",
        LOG_LEVEL: "warn",
      }),
    ).toEqual({
      isProduction: true,
      port: 9000,
      host: "0.0.0.0",
      redisUrl: "redis://user:pass@redis:6379/2",
      prefix: "app",
      apiKeys: new Map([
        ["game", "s3:cret-of-the-game"],
        ["ops", "other-9d81c2e7a1"],
      ]),
      guestsAllowed: true,
      dataDir: "/var/lib/grandstand",
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
      },
      trustedProxies: ["10.0.0.0/8", "192.168.1.1"],
      corsOrigins: ["https://a.example", "https://b.example"],
      webDir: "web/dist",
      logLevel: "warn",
      warnings: [expect.stringContaining("GRANDSTAND_LIMITS is off")],
    });
  });

  it("a wrong setting stops the start with every fault named", () => {
    const faults = faultsOf({
      PORT: "99999",
      REDIS_URL: "localhost:6379",
      GRANDSTAND_PREFIX: "a{b}",
      GRANDSTAND_API_KEYS: "game:s3cret,nocolon",
      GRANDSTAND_GUESTS: "yes",
      GRANDSTAND_BATCH_MS: "soon",
      GRANDSTAND_TRUSTED_PROXIES: "10.0.0.0/8,proxy",
      GRANDSTAND_CORS_ORIGINS: "example.com",
      LOG_LEVEL: "loud",
    });
    for (const name of [
      "PORT",
      "REDIS_URL",
      "GRANDSTAND_PREFIX",
      "GRANDSTAND_API_KEYS",
      "GRANDSTAND_GUESTS",
      "GRANDSTAND_BATCH_MS",
      "GRANDSTAND_TRUSTED_PROXIES",
      "GRANDSTAND_CORS_ORIGINS",
      "LOG_LEVEL",
    ]) {
      expect(faults).toContain(`  ${name}: `);
    }
    expect(faults).not.toContain("s3cret");
  });

  it("an API key can't look like a session's token, which it would be taken for", () => {
    expect(faultsOf({ GRANDSTAND_API_KEYS: "game:gss_secret" })).toContain("GRANDSTAND_API_KEYS");
  });

  it("a misspelt GRANDSTAND_ setting is a fault too, for it would be ignored in silence", () => {
    expect(faultsOf({ GRANDSTAND_GUEST: "on" })).toContain("GRANDSTAND_GUEST: is not a known setting");
  });

  it("AU7: in production the server refuses to start without an API key; guests are off, CORS is closed", () => {
    expect(faultsOf({ NODE_ENV: "production" })).toContain("GRANDSTAND_API_KEYS");
    expect(readConfig({ NODE_ENV: "production", GRANDSTAND_API_KEYS: "a:9c41f0d7b25e83aa" })).toMatchObject({
      guestsAllowed: false,
      corsOrigins: [],
    });
  });

  it.each([
    "short",
    "demo-key",
    "demo-key-demo-key",
    "Your-Secret-Key-Here",
    "change_me_please_",
    "aaaaaaaaaaaaaaaaaaaa",
  ])(
    "AU7: in production the server refuses to start with a weak secret, and does not repeat it: %s",
    (secret) => {
      const variables = { GRANDSTAND_API_KEYS: `good:9c41f0d7b25e83aa,weak:${secret}` };
      const faults = faultsOf({ ...variables, NODE_ENV: "production" });
      expect(faults).toContain("GRANDSTAND_API_KEYS: the secret of weak is too weak");
      expect(faults).not.toContain("of good");
      expect(faults.replaceAll("weak", "")).not.toContain(secret);
      expect(readConfig(variables).apiKeys.size).toBe(2);
    },
  );

  it("AU7: no setting opens CORS to all", () => {
    expect(faultsOf({ GRANDSTAND_CORS_ORIGINS: "*" })).toContain("GRANDSTAND_CORS_ORIGINS: must be origins");
  });

  it("AU5: limits are settable one by one, and what is not named keeps its default", () => {
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
  ])("AU5: a fault of the limits is named: %s", (text, fault) => {
    expect(faultsOf({ GRANDSTAND_LIMITS: text })).toContain(`  ${fault}`);
  });
});
