import type { Redis } from "ioredis";
import { AbortError } from "p-retry";
import type { RedisAddress } from "../config/redis-url.js";

/** How to log in to a server, as options of ioredis. */
export function loginOf({ tls, username, password }: RedisAddress) {
  return {
    ...(tls && { tls }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

/** The facts about a server from its INFO. */
export interface ServerFacts {
  mode: "standalone" | "sentinel" | "cluster";
  /** The primary of a replica; null for a primary. */
  primary: string | null;
  /** The major version of Redis. */
  version: number;
}

/** The server is a Sentinel or a node of a Cluster, but the settings are for a single server. The text names the remedy. */
export class WrongKindError extends Error {
  constructor(
    readonly mode: ServerFacts["mode"],
    message: string,
  ) {
    super(message);
  }
}

/** @param info sends INFO with a section */
export async function readServerFacts(info: (section: string) => Promise<string>): Promise<ServerFacts> {
  const [server, replication] = await Promise.all([info("server"), info("replication")]);
  const host = field(replication, "master_host");
  return {
    // Valkey 8 calls the field `server_mode`.
    mode: (field(server, "redis_mode") ??
      field(server, "server_mode") ??
      "standalone") as ServerFacts["mode"],
    primary: field(replication, "role") === "slave" ? `${host}:${field(replication, "master_port")}` : null,
    // Valkey reports here the version of Redis with which Valkey is compatible.
    version: Number.parseInt(field(server, "redis_version") ?? "0", 10),
  };
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}

/**
 * Checks that a server is a primary outside of a Cluster, and that the database `db` can be selected.
 * @returns the major version of Redis
 * @throws {AbortError} with a `WrongKindError` when the server is a Sentinel or a node of a Cluster
 * @throws {Error} when the server is a replica: the caller may try again, because a failover may promote the replica
 */
export async function checkServer(redis: Redis, db: number): Promise<number> {
  const { mode, primary, version } = await readServerFacts((section) => redis.info(section));
  if (mode === "sentinel") {
    throw new AbortError(
      new WrongKindError(mode, "it is a Sentinel; name its primary in REDIS_SENTINEL_MASTER"),
    );
  }
  if (mode === "cluster") {
    throw new AbortError(new WrongKindError(mode, "it is a node of a Cluster; set REDIS_CLUSTER=1"));
  }
  if (primary !== null) {
    throw new Error(`it is a replica of ${primary}; use the primary, or the Sentinels that know it`);
  }
  // When a connection opens, ioredis ignores a refused SELECT and stays on database 0. The SELECT here reports the error.
  await redis.select(db);
  return version;
}
