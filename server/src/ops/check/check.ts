import { refusalOf } from "../../redis/faults.js";
import type { Keys } from "../../redis/keys.js";
import type { JobConnection } from "../../redis/open-redis.js";

/**
 * `fault`: in production, a node does not start with this
 * Redis. `warning`: a node starts, and the remedy names the risk.
 */
export type Verdict = "ok" | "warning" | "fault";

/** One property of the environment. */
export interface Finding {
  name: string;
  verdict: Verdict;
  /** What was found. */
  found: string;
  /** What to do; null when there is nothing to do. */
  remedy: string | null;
}

export interface CheckOptions {
  keys: Keys;
  isProduction: boolean;
  /** The eviction policy that the settings allow; null for `noeviction` only. */
  allowedEviction: string | null;
  /** How many replicas must confirm a write before it is acknowledged; 0 for none. */
  waitReplicas: number;
}

/** The oldest Redis that nodes work with. */
const OLDEST_VERSION = 6;
/** The first Redis with sharded pub/sub. */
const SHARDED_SINCE = 7;
/** A node opens this many connections to a single Redis, besides one for each webhook (docs/settings.md). */
const NODE_CONNECTIONS = 4;
/**
 * Fewer free connections than this give a warning, because a
 * rolling restart briefly adds the connections of several nodes.
 */
const COMFORTABLE_CONNECTIONS = 8 * NODE_CONNECTIONS;
/** The clock differences between Redis and this node that give a warning or a fault. Token checks tolerate a minute. */
const SKEW_WARNING_MS = 10_000;
const SKEW_FAULT_MS = 60_000;

/**
 * Checks whether a Redis suits Grandstand.
 * @throws when Redis does not answer
 */
export async function checkRedis(redis: JobConnection, options: CheckOptions): Promise<Finding[]> {
  const info = parseInfo(await redis.info());
  return [
    version(info),
    eviction(info, options),
    persistence(info),
    connections(info),
    ...replicas(info, options),
    await scripts(redis),
    await permissions(redis, options.keys),
    await clockSkew(redis),
  ];
}

function parseInfo(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]));
}

function ok(name: string, found: string): Finding {
  return { name, verdict: "ok", found, remedy: null };
}

function version(info: Map<string, string>): Finding {
  const found = info.get("redis_version") ?? "unknown";
  const major = Number.parseInt(found, 10);
  if (major < OLDEST_VERSION) {
    return { name: "version", verdict: "fault", found, remedy: "Use Redis 6 or newer, or Valkey." };
  }
  const isSharded = major >= SHARDED_SINCE;
  return ok("version", `${found}, ${isSharded ? "with" : "without"} sharded pub/sub`);
}

function eviction(info: Map<string, string>, { isProduction, allowedEviction }: CheckOptions): Finding {
  const name = "eviction";
  const found = info.get("maxmemory_policy");
  if (found === undefined) return ok(name, "not reported by this Redis");
  if (found === "noeviction") return ok(name, found);
  if (found === allowedEviction) {
    return {
      name,
      verdict: "warning",
      found: `${found}, which GRANDSTAND_ALLOW_EVICTION allows`,
      remedy: "When memory is full, Redis deletes scores, messages and members without notice.",
    };
  }
  return {
    name,
    verdict: isProduction ? "fault" : "warning",
    found,
    remedy: `Redis deletes data when its memory is full. Set maxmemory-policy to noeviction, or accept the loss with GRANDSTAND_ALLOW_EVICTION=${found}.`,
  };
}

function persistence(info: Map<string, string>): Finding {
  const name = "persistence";
  const isAppendOnly = info.get("aof_enabled") === "1";
  const isFailing =
    info.get("aof_last_write_status") === "err" || info.get("rdb_last_bgsave_status") === "err";
  if (isFailing) {
    return {
      name,
      verdict: "warning",
      found: "the last write to the disk failed",
      remedy: "See the log of Redis. It may refuse writes (MISCONF) until its disk works.",
    };
  }
  if (isAppendOnly) return ok(name, "append-only file");
  return {
    name,
    verdict: "warning",
    found: "no append-only file",
    remedy:
      "A restart of Redis loses what came after its last snapshot. Set appendonly to yes, as in deploy/redis.conf.",
  };
}

function connections(info: Map<string, string>): Finding {
  const name = "connections";
  const limit = Number(info.get("maxclients") ?? Number.NaN);
  const open = Number(info.get("connected_clients") ?? Number.NaN);
  if (Number.isNaN(limit - open)) return ok(name, "limit not reported by this Redis");
  const found = `${open} of ${limit} in use`;
  const free = limit - open;
  if (free >= COMFORTABLE_CONNECTIONS) return ok(name, found);
  return {
    name,
    verdict: free < NODE_CONNECTIONS ? "fault" : "warning",
    found,
    remedy: `A node needs ${NODE_CONNECTIONS} connections, and one for each webhook. Raise maxclients, or close other clients.`,
  };
}

/** @returns no finding when the settings require no replicas */
function replicas(info: Map<string, string>, { waitReplicas }: CheckOptions): Finding[] {
  if (waitReplicas === 0) return [];
  const name = "replicas";
  const connected = Number(info.get("connected_slaves") ?? Number.NaN);
  if (Number.isNaN(connected)) return [ok(name, "not reported by this Redis")];
  const found = `${connected} connected`;
  if (connected >= waitReplicas) return [ok(name, found)];
  return [
    {
      name,
      verdict: "warning",
      found: `${found}, and GRANDSTAND_WAIT_REPLICAS is ${waitReplicas}`,
      remedy:
        "Every write is `unavailable` until enough replicas are connected. Add replicas, or lower the setting.",
    },
  ];
}

async function scripts(redis: JobConnection): Promise<Finding> {
  try {
    await redis.call("EVAL", "return 1", "0");
    return ok("scripts", "Lua scripts run");
  } catch (error) {
    return {
      name: "scripts",
      verdict: "fault",
      found: (error as Error).message,
      remedy: "Allow EVAL and EVALSHA: nodes write with Lua scripts.",
    };
  }
}

/** Tries what nodes do on each kind of key and topic. */
async function permissions(redis: JobConnection, keys: Keys): Promise<Finding> {
  const attempts: [what: string, attempt: () => Promise<unknown>][] = [
    ["writing a key", () => redis.set(keys.health, "", "PX", 10_000)],
    ["reading a key", () => redis.get(keys.health)],
    ["the keys of jobs", () => redis.exists(`${keys.jobs}:check`)],
    ["publishing", () => redis.publish(keys.heartbeat("check", 0), "")],
  ];
  for (const [what, attempt] of attempts) {
    try {
      await attempt();
    } catch (error) {
      const code = refusalOf(error) ?? (error as Error).message;
      return {
        name: "permissions",
        verdict: "fault",
        found: `${what} fails: ${code}`,
        remedy: remedyFor(code),
      };
    }
  }
  return ok("permissions", "keys, jobs and topics can be used");
}

function remedyFor(code: string): string {
  if (code === "NOPERM") return "Give the Redis user the permissions that docs/settings.md lists.";
  if (code === "READONLY") return "This is a replica. Use the address of the primary.";
  if (code === "OOM") return "The memory of Redis is full. Raise maxmemory, or delete other data.";
  if (code === "MISCONF") return "Redis can't write to its disk. See its log.";
  return "See the log of Redis.";
}

async function clockSkew(redis: JobConnection): Promise<Finding> {
  const before = Date.now();
  const [seconds, microseconds] = await redis.time();
  const middle = (before + Date.now()) / 2;
  const skewMs = Math.round(Number(seconds) * 1_000 + Number(microseconds) / 1_000 - middle);
  const found = `Redis is ${Math.abs(skewMs)} ms ${skewMs < 0 ? "behind" : "ahead"}`;
  if (Math.abs(skewMs) < SKEW_WARNING_MS) return ok("clock", found);
  return {
    name: "clock",
    verdict: Math.abs(skewMs) < SKEW_FAULT_MS ? "warning" : "fault",
    found,
    remedy: "Synchronize the clocks of this machine and of Redis (NTP). Tokens expire by the node's clock.",
  };
}
