import { Identity } from "../../src/auth/identity.js";
import { readConfig } from "../../src/config/config.js";
import type { DomainDependencies } from "../../src/domains/shared/dependencies.js";
import { noEvents } from "../../src/domains/shared/event-queue.js";
import { RoomAccessChanges } from "../../src/domains/shared/room-access-changes.js";
import { PresenceSessions } from "../../src/domains/user/presence-sessions.js";
import { CreationBudget } from "../../src/limits/creation-budget.js";
import { noObserver } from "../../src/observer/observer.js";
import { Profiles } from "../../src/profiles/profiles.js";
import type { RedisConnections } from "../../src/redis/client.js";
import type { Keys } from "../../src/redis/keys.js";
import { fullPace } from "../../src/redis/pace.js";
import { silentLog } from "./silent-log.js";

interface TestRedis {
  redis: RedisConnections;
  keys: Keys;
}

/** The dependencies that a node gives to its domains. @param more replaces some of them */
export function domainDependencies(
  { redis, keys }: TestRedis,
  more: Partial<DomainDependencies> = {},
): DomainDependencies {
  const stores = {
    redis: redis.commands,
    keys,
    publishCommand: redis.publishCommand,
    events: more.events ?? noEvents,
  };
  return {
    ...stores,
    log: silentLog,
    observer: noObserver,
    pace: fullPace,
    openRooms: true,
    presenceGraceMs: 200,
    leaseTtlMs: 15_000,
    profiles: new Profiles({ ...stores, log: silentLog, observer: noObserver }, readConfig({}).profiles),
    presenceSessions: new PresenceSessions(stores),
    roomAccessChanges: new RoomAccessChanges(),
    creationBudget: new CreationBudget(null, redis.commands, keys),
    scheduleSeasonEnd: () => {},
    scheduleErasure: async () => {},
    ...more,
  };
}

/** The identity module of a node, without the node. */
export function testIdentity({ redis, keys }: TestRedis): Identity {
  return new Identity(readConfig({}), redis.commands, keys, redis.publishCommand, silentLog);
}
