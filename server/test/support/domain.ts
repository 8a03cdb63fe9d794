import { pino } from "pino";
import { inject } from "vitest";
import type { Call } from "../../src/core/call.js";
import type { BoardContext } from "../../src/domains/leaderboard/context.js";
import { DenseCounts } from "../../src/domains/leaderboard/dense-counts.js";
import { SeasonCache } from "../../src/domains/leaderboard/season-cache.js";
import { connectRedis, type RedisConnections } from "../../src/redis/client.js";
import { Keys } from "../../src/redis/keys.js";
import { freshPrefix } from "./names.js";

/** What a domain's tests need without a node around it. */
export interface DomainFixture {
  redis: RedisConnections;
  keys: Keys;
  prefix: string;
  /** For the handlers of leaderboards. */
  boards: BoardContext;
}

export const silentLog = pino({ level: "silent" });

export async function domainFixture(): Promise<DomainFixture> {
  const prefix = freshPrefix();
  const redis = await connectRedis(inject("redisUrl"), silentLog);
  const keys = new Keys(prefix);
  const boards: BoardContext = {
    redis: redis.commands,
    keys,
    publishCommand: redis.publishCommand,
    beliefs: new SeasonCache(),
    denseCounts: new DenseCounts(),
    onOpened: () => {},
  };
  return { redis, keys, prefix, boards };
}

/** A call by an API key, without an idempotency key. */
export const serverCall: Call = {
  caller: { kind: "server", keyName: "test" },
  connection: null,
  idempotency: null,
  afterReply: () => {},
};

/** The same by a user. */
export function userCall(id: string): Call {
  return { ...serverCall, caller: { kind: "user", user: { id, name: null, avatar: null, isGuest: false } } };
}
