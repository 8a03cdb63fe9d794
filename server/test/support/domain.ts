import { inject } from "vitest";
import { readConfig } from "../../src/config/config.js";
import type { Call } from "../../src/core/call.js";
import type { DomainDependencies } from "../../src/domains/shared/dependencies.js";
import { noEvents } from "../../src/domains/shared/event-queue.js";
import { RoomAccessChanges } from "../../src/domains/shared/room-access-changes.js";
import { PresenceSessions } from "../../src/domains/user/presence-sessions.js";
import { CreationBudget } from "../../src/limits/creation-budget.js";
import { noObserver } from "../../src/observer/observer.js";
import { Profiles } from "../../src/profiles/profiles.js";
import { Keys } from "../../src/redis/keys.js";
import { fullPace } from "../../src/redis/pace.js";
import { freshPrefix } from "./names.js";
import { connectTestRedis, type TestRedis } from "./redis-client.js";
import { silentLog } from "./silent-log.js";

/** What the tests of a domain need when no node runs. */
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
  const stores = {
    redis: redis.commands,
    keys,
    publishCommand: redis.publishCommand,
    events: noEvents,
  };
  const dependencies: DomainDependencies = {
    ...stores,
    log: silentLog,
    observer: noObserver,
    pace: fullPace,
    openRooms: true,
    presenceGraceMs: 10_000,
    leaseTtlMs: 10_000,
    profiles: new Profiles({ ...stores, log: silentLog }, readConfig({}).profiles),
    presenceSessions: new PresenceSessions(stores),
    roomAccessChanges: new RoomAccessChanges(),
    creationBudget: new CreationBudget(null, redis.commands, keys),
    scheduleSeasonEnd: () => {},
    scheduleErasure: async () => {},
  };
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
