import type { RedisReport } from "@grandstand/shared/operations/admin";
import type { DomainDependencies } from "../shared/dependencies.js";

/** The state of Redis. The console shows `report`. The rest is only for the warnings to operators (attention.ts). */
export interface RedisState {
  report: RedisReport;
  /** Whether the last snapshot and the last write of the append-only file succeeded. */
  isSaving: boolean;
}

export async function readRedisState({ redis }: Pick<DomainDependencies, "redis">): Promise<RedisState> {
  const startedAt = performance.now();
  await redis.ping();
  const latencyMs = performance.now() - startedAt;
  const [text, keys] = await Promise.all([redis.info(), redis.dbsize()]);
  const read = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(text)?.[1] ?? "";
  const number = (name: string) => Number(read(name)) || 0;
  const maxBytes = number("maxmemory");
  return {
    report: {
      version: read("valkey_version") === "" ? read("redis_version") : `Valkey ${read("valkey_version")}`,
      latencyMs: Math.round(latencyMs * 100) / 100,
      usedBytes: number("used_memory"),
      maxBytes: maxBytes === 0 ? null : maxBytes,
      evictionPolicy: read("maxmemory_policy"),
      isAppendOnly: read("aof_enabled") === "1",
      keys,
      commandsPerSecond: number("instantaneous_ops_per_sec"),
      clients: number("connected_clients"),
      startedAt: new Date(Date.now() - number("uptime_in_seconds") * 1_000).toISOString(),
    },
    isSaving: read("rdb_last_bgsave_status") !== "err" && read("aof_last_write_status") !== "err",
  };
}
