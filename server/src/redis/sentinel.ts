import { Redis } from "ioredis";
import { AbortError } from "p-retry";
import type { RedisAddress } from "../config/redis-url.js";
import type { OpenRedis } from "./open-redis.js";
import { CONNECT_TIMEOUT_MS, reconnectDelays } from "./options.js";
import { loginOf } from "./server-check.js";
import { openServer } from "./single.js";

/** Which primary to ask the Sentinels for. */
export interface SentinelSettings {
  master: string;
  /** The password of the Sentinels themselves; null when they need none. */
  password: string | null;
}

/** Opens the connections to the primary that Sentinels name. The address lists the Sentinels. */
export function openSentinel(address: RedisAddress, { master, password }: SentinelSettings): OpenRedis {
  const { hosts, tls, db } = address;
  const sentinelLogin = password === null ? {} : { sentinelPassword: password };
  const redis = openServer({
    sentinels: hosts,
    name: master,
    ...sentinelLogin,
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: reconnectDelays(),
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    ...loginOf(address),
    db,
  });
  return {
    ...redis,
    notReady: `no Sentinel has named the primary of "${master}" yet`,
    async diagnose() {
      for (const host of hosts) await diagnose(host, master, { ...(password !== null && { password }), tls });
    },
  };
}

/** @throws {AbortError} when the server is no Sentinel, or does not know the name. One that is away throws nothing */
async function diagnose(
  { host, port }: { host: string; port: number },
  master: string,
  login: { password?: string; tls: object | undefined },
): Promise<void> {
  const { tls, password } = login;
  const sentinel = new Redis({
    host,
    port,
    ...(tls && { tls }),
    ...(password !== undefined && { password }),
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  sentinel.on("error", () => {});
  try {
    const masters = (await sentinel.call("SENTINEL", "MASTERS")) as string[][];
    const names = masters.map((fields) => fields[fields.indexOf("name") + 1]);
    if (!names.includes(master)) {
      throw new AbortError(
        `the Sentinel at ${host}:${port} knows ${names.join(", ") || "no primary"}, not "${master}"`,
      );
    }
  } catch (error) {
    if (error instanceof AbortError) throw error;
    if (error instanceof Error && /unknown command/i.test(error.message)) {
      throw new AbortError(`${host}:${port} is no Sentinel; remove REDIS_SENTINEL_MASTER`);
    }
  } finally {
    sentinel.disconnect();
  }
}
