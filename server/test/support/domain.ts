import { inject } from "vitest";
import type { Call } from "../../src/core/call.js";
import type { DomainDependencies } from "../../src/domains/shared/dependencies.js";
import { Keys } from "../../src/redis/keys.js";
import { domainDependencies } from "./domain-dependencies.js";
import { freshPrefix } from "./names.js";
import { connectTestRedis, type TestRedis } from "./redis-client.js";

/** What a test needs to call a domain directly, without starting a node. */
export interface DomainFixture {
  redis: TestRedis;
  keys: Keys;
  prefix: string;
  /** The dependencies of a domain's module. */
  dependencies: DomainDependencies;
}

export async function domainFixture(redisUrl = inject("redisUrl")): Promise<DomainFixture> {
  const prefix = freshPrefix();
  const redis = await connectTestRedis(redisUrl);
  const keys = new Keys(prefix);
  // The grace is so long that no user leaves by itself during a test.
  const dependencies = domainDependencies({ redis, keys }, { presenceGraceMs: 10_000 });
  return { redis, keys, prefix, dependencies };
}

/** A call by an API key, without an idempotency key. */
export const serverCall: Call = {
  caller: { kind: "server", keyName: "test" },
  connection: null,
  idempotency: null,
  afterReply: () => {},
};

/** A call by a user, without an idempotency key. */
export function userCall(id: string): Call {
  return { ...serverCall, caller: { kind: "user", user: { id, name: null, avatar: null, isGuest: false } } };
}
