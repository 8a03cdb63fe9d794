import { AbortError } from "p-retry";
import type { RedisAddress } from "../config/redis-url.js";
import type { OpenRedis } from "./open-redis.js";
import { CONNECT_TIMEOUT_MS, reconnectDelays } from "./options.js";
import { type ProbeOptions, probe } from "./probe.js";
import { loginOf } from "./server-check.js";
import { openServer } from "./single.js";

/** What a node needs to ask the Sentinels for the address of the primary. `master` is the name of the primary. */
export interface SentinelSettings {
  master: string;
  /** The password of the Sentinels themselves; null when they need none. */
  password: string | null;
}

/** Opens the connections to the primary. The Sentinels, which `address` lists, give the primary's own address. */
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
      const login = { ...(password !== null && { password }), ...(tls && { tls }) };
      for (const host of hosts) await diagnose({ ...host, ...login }, master);
    },
  };
}

/**
 * @throws {AbortError} when the server is no Sentinel, or does not know the name `master`. Any other failure, such as no
 * answer, is ignored
 */
async function diagnose(server: ProbeOptions, master: string): Promise<void> {
  const place = `${server.host}:${server.port}`;
  let masters: string[][];
  try {
    masters = (await probe(server, (redis) => redis.call("SENTINEL", "MASTERS"))) as string[][];
  } catch (error) {
    if (!(error instanceof Error && /unknown command/i.test(error.message))) return;
    throw new AbortError(`${place} is no Sentinel; remove REDIS_SENTINEL_MASTER`);
  }
  const names = masters.map((fields) => fields[fields.indexOf("name") + 1]);
  if (names.includes(master)) return;
  throw new AbortError(`the Sentinel at ${place} knows ${names.join(", ") || "no primary"}, not "${master}"`);
}
