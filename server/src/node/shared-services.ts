import { Identity } from "../auth/identity.js";
import type { Config } from "../config/config.js";
import { Traces } from "../domains/admin/traces.js";
import type { DomainDependencies } from "../domains/shared/dependencies.js";
import { RoomAccessChanges } from "../domains/shared/room-access-changes.js";
import { PresenceSessions } from "../domains/user/presence-sessions.js";
import { UpkeepJobs } from "../jobs/upkeep-jobs.js";
import { CreationBudget } from "../limits/creation-budget.js";
import { Profiles } from "../profiles/profiles.js";
import type { Observation } from "./observation.js";
import type { RedisServices } from "./redis-services.js";
import { webhookServices } from "./webhook-services.js";

export type SharedServices = ReturnType<typeof sharedServices>;

/** Constructs what several domains use: identity, profiles, jobs, webhooks, and their common dependencies. */
export function sharedServices(
  config: Config,
  nodeId: string,
  { log, observer }: Observation,
  { redis, stores, keys, pace }: RedisServices,
) {
  const identity = new Identity(config, stores.redis, keys, stores.publishCommand, log);
  const profiles = new Profiles({ ...stores, log, observer }, config.profiles);
  const jobOptions = { redis: redis.jobs, prefix: keys.jobs, pace, log, observer };
  const upkeep = new UpkeepJobs(jobOptions);
  const webhooks = webhookServices(stores, config.webhooks, jobOptions, profiles);
  const { events } = webhooks;
  const operatorTraces = new Traces({ ...stores, log }, nodeId);

  const dependencies: DomainDependencies = {
    ...stores,
    traces: operatorTraces,
    log,
    observer,
    pace,
    events,
    profiles,
    openRooms: config.openRooms,
    presenceGraceMs: config.presenceGraceMs,
    leaseTtlMs: config.leaseTtlMs,
    presenceSessions: new PresenceSessions({ ...stores, events }),
    roomAccessChanges: new RoomAccessChanges(),
    creationBudget: new CreationBudget(config.limits.creations, stores.redis, keys),
    scheduleSeasonEnd: (season) => upkeep.seasons.schedule(season),
    scheduleErasure: (user, delayMs) => upkeep.erasures.schedule(user, delayMs),
  };
  return { identity, profiles, upkeep, webhooks, operatorTraces, dependencies };
}
