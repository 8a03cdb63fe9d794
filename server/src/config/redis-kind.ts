import type { RedisAddress } from "./redis-url.js";

/** The settings that say what kind of Redis `REDIS_URL` names. */
export interface RedisKindSettings {
  REDIS_URL?: RedisAddress | undefined;
  REDIS_SENTINEL_MASTER?: string | undefined;
  REDIS_SENTINEL_PASSWORD?: string | undefined;
  REDIS_CLUSTER?: boolean | undefined;
}

/** The faults of settings that don't fit each other. */
export function redisKindFaults({
  REDIS_URL: address,
  REDIS_SENTINEL_MASTER: master,
  REDIS_SENTINEL_PASSWORD: password,
  REDIS_CLUSTER: isCluster,
}: RedisKindSettings): string[] {
  const faults: string[] = [];
  const fault = (name: string, is: boolean, text: string) => {
    if (is) faults.push(`${name}: ${text}`);
  };
  const several = master !== undefined || isCluster === true;
  fault("REDIS_CLUSTER", master !== undefined && isCluster === true, "excludes REDIS_SENTINEL_MASTER");
  fault(
    "REDIS_SENTINEL_PASSWORD",
    password !== undefined && master === undefined,
    "needs REDIS_SENTINEL_MASTER",
  );
  if (address === undefined) {
    fault("REDIS_URL", several, "is needed with REDIS_SENTINEL_MASTER or REDIS_CLUSTER=1");
    return faults;
  }
  fault("REDIS_URL", several && address.path !== undefined, "a Cluster and Sentinels have no unix socket");
  fault(
    "REDIS_URL",
    !several && address.hosts.length > 1,
    "lists several servers: set REDIS_CLUSTER=1, or REDIS_SENTINEL_MASTER if they are Sentinels",
  );
  fault("REDIS_URL", isCluster === true && address.db !== 0, "a Cluster has database 0 only");
  return faults;
}
