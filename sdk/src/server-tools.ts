import type { ServerClient } from "./server.js";
import { type Cache, createCache } from "./server-tools/cache.js";
import { createJobs, type Jobs } from "./server-tools/jobs.js";
import { createLimit, type Limit } from "./server-tools/limit.js";
import { createLock, type Lock } from "./server-tools/lock.js";

export type { Cache, WrapOptions } from "./server-tools/cache.js";
export type { Job, JobOptions, Jobs, WorkOptions } from "./server-tools/jobs.js";
export type { CheckedLimit, Limit, LimitRule } from "./server-tools/limit.js";
export type { HeldLock, Lock, LockOptions } from "./server-tools/lock.js";

/** Tools that the servers of an app share through Grandstand. */
export interface ServerTools {
  readonly cache: Cache;
  readonly lock: Lock;
  readonly limit: Limit;
  readonly jobs: Jobs;
}

/**
 * Creates a cache, locks, rate limits and job queues for the app's own use, over a client of
 * `@grandstand/sdk/server`.
 * @param options.cache the id of the cache, `default` when not given. `invalidate` and `clear` affect only
 * this cache.
 */
export function createTools(client: ServerClient, options: { cache?: string } = {}): ServerTools {
  return {
    cache: createCache(client, options.cache ?? "default"),
    lock: createLock(client),
    limit: createLimit(client),
    jobs: createJobs(client),
  };
}
