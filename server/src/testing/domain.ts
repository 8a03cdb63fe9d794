import { pino } from "pino";
import { inject } from "vitest";
import type { Call } from "../calls/call.js";
import { Beliefs } from "../domains/leaderboard/beliefs.js";
import type { BoardContext } from "../domains/leaderboard/context.js";
import { DenseCounts } from "../domains/leaderboard/dense-counts.js";
import { connectRedis, type RedisConnections } from "../redis/connection.js";
import { Keys } from "../redis/keys.js";
import { freshPrefix } from "./names.js";

/** What a domain's tests need without a node around it. */
export interface DomainGround {
  redis: RedisConnections;
  keys: Keys;
  prefix: string;
  /** For the handlers of leaderboards. */
  boards: BoardContext;
}

export const silentLog = pino({ level: "silent" });

export async function domainGround(): Promise<DomainGround> {
  const prefix = freshPrefix();
  const redis = await connectRedis(inject("redisUrl"), silentLog);
  const keys = new Keys(prefix);
  const boards: BoardContext = {
    redis: redis.commands,
    keys,
    publishCommand: redis.publishCommand,
    beliefs: new Beliefs(),
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
