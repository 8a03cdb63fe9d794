import { Redis, type RedisOptions } from "ioredis";
import { CONNECT_TIMEOUT_MS } from "./options.js";

export type ProbeOptions = Pick<RedisOptions, "host" | "port" | "tls" | "username" | "password">;

/**
 * Runs `ask` on a new connection to one server. The connection is tried only once.
 * @throws when the server does not answer, or answers with an error
 */
export async function probe<T>(server: ProbeOptions, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    ...server,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  redis.on("error", () => {});
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
