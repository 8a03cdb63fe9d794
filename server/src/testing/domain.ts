import { pino } from "pino";
import { inject } from "vitest";
import type { Call } from "../calls/call.js";
import { connectRedis, type RedisConnections } from "../redis/connection.js";
import { Keys } from "../redis/keys.js";
import { freshPrefix } from "./names.js";

/** What a domain's tests need without a node around it. */
export interface DomainGround {
  redis: RedisConnections;
  keys: Keys;
  prefix: string;
}

export const silentLog = pino({ level: "silent" });

export async function domainGround(): Promise<DomainGround> {
  const prefix = freshPrefix();
  const redis = await connectRedis(inject("redisUrl"), silentLog);
  return { redis, keys: new Keys(prefix), prefix };
}

/** A call by an API key, without an idempotency key. */
export const serverCall: Call = {
  caller: { kind: "server", keyName: "test" },
  connection: null,
  idempotency: null,
  afterReply: () => {},
};
