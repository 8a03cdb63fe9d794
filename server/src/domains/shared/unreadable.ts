import type { Logger } from "pino";
import { isRedisAway } from "../../redis/faults.js";

/**
 * Reads the resources of a list. One that can't be read does not hide the others: it is logged and reported by its id.
 * @param read the resource; null when there is none
 * @returns `unreadable` only when there are some
 * @throws what `read` throws while Redis does not answer
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
        if (isRedisAway(error)) throw error;
        log.warn({ err: error, [kind]: id }, `The keys of a ${kind} hold data that is not its own`);
        unreadable.push(id);
        return null;
      }
    }),
  );
  return { found: found.filter((one) => one !== null), ...(unreadable.length > 0 && { unreadable }) };
}
