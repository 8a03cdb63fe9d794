import type { Logger } from "pino";
import { isRedisUnavailable } from "../../redis/faults.js";

/**
 * Reads the resources of a list. A resource that can't be read is logged and listed as unreadable; the others are returned.
 * @param read reads one resource; null when it does not exist
 * @returns the resources, and the ids of those that can't be read; without such ids, there is no `unreadable`
 * @throws the error of `read` if Redis does not answer
 */
export async function readEach<T>(
  ids: readonly string[],
  read: (id: string) => Promise<T | null>,
  log: Logger,
  kind: string,
): Promise<{ found: T[]; unreadable?: string[] }> {
  const unreadable: string[] = [];
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        return await read(id);
      } catch (error) {
        if (isRedisUnavailable(error)) throw error;
        log.warn({ err: error, [kind]: id }, `The data of a ${kind} in Redis can't be read`);
        unreadable.push(id);
        return null;
      }
    }),
  );
  return { found: found.filter((one) => one !== null), ...(unreadable.length > 0 && { unreadable }) };
}
