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
      presenceGraceMs: 10_000,
      leaseTtlMs: 15_000,
      trustedProxies: [],
      corsOrigins: null,
      webDir: null,
      logLevel: "info",
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
        GRANDSTAND_API_KEYS: "game:s3:cret, ops:other",
        GRANDSTAND_GUESTS: "on",
        GRANDSTAND_DATA_DIR: "/var/lib/grandstand",
        GRANDSTAND_BATCH_MS: "0",
        GRANDSTAND_PRESENCE_GRACE_MS: "0",
        GRANDSTAND_LEASE_TTL_MS: "3000",
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
        ["game", "s3:cret"],
        ["ops", "other"],
      ]),
      guestsAllowed: true,
      dataDir: "/var/lib/grandstand",
      batchMs: 0,
      queueLimits: { queuedBytes: 262_144, closeBytes: 1_048_576, closeMs: 15_000 },
      openRooms: true,
      presenceGraceMs: 0,
      leaseTtlMs: 3_000,
      trustedProxies: ["10.0.0.0/8", "192.168.1.1"],
      corsOrigins: ["https://a.example", "https://b.example"],
      webDir: "web/dist",
      logLevel: "warn",
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
      "GRANDSTAND_GUESTS",
      "GRANDSTAND_BATCH_MS",
      "GRANDSTAND_PRESENCE_GRACE_MS",
      "GRANDSTAND_LEASE_TTL_MS",
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
    expect(readConfig({ NODE_ENV: "production", GRANDSTAND_API_KEYS: "a:b" })).toMatchObject({
      guestsAllowed: false,
      corsOrigins: [],
    });
  });
});
