import type { RedisCommands } from "../../redis/commands.js";
import { notOurCursor } from "./id-index.js";
import { pageAt } from "./redis-cursor.js";

/** How many keys one SCAN examines. */
const KEYS_PER_SCAN = 500;
/** How many SCANs one page takes at most. */
const SCANS_PER_PAGE = 40;
/** A cursor of `scanKeys`. On a Cluster it has more digits than one of SCAN (see cluster-scan-cursor.ts). */
const CURSOR = /^\d{1,33}$/;

export interface FoundPage {
  ids: string[];
  nextCursor: string | null;
}

/**
 * Finds ids by scanning the keys of Redis, a bounded number for each page. Rooms, users and job queues have no index,
 * because an index would slow down every write, and operators search rarely.
 * A page ends once it has at least `limit` ids, or after `SCANS_PER_PAGE` SCANs. So a page may have a few more ids than
 * `limit`, or none. An id may be on two pages.
 * @param idOf returns the id in a key, or null if the key belongs to another kind of resource
 * @throws {GrandstandError} `bad_request` for a text that can't be a cursor
 */
export async function findIds(
  redis: Pick<RedisCommands, "scanKeys">,
  pattern: string,
  idOf: (key: string) => string | null,
  { limit, cursor: from = "0" }: { limit: number; cursor?: string | undefined },
): Promise<FoundPage> {
  if (!CURSOR.test(from)) throw notOurCursor();
  const ids = new Set<string>();
  let cursor = from;
  for (let scans = 0; scans < SCANS_PER_PAGE && ids.size < limit; scans += 1) {
    const { keys, nextCursor } = await pageAt(redis.scanKeys(pattern, cursor, KEYS_PER_SCAN));
    for (const key of keys) {
      const id = idOf(key);
      if (id !== null) ids.add(id);
    }
    cursor = nextCursor;
    if (cursor === "0") break;
  }
  return { ids: [...ids], nextCursor: cursor === "0" ? null : cursor };
}

/** Escapes a text for use in a pattern of SCAN. */
export function literally(text: string): string {
  return text.replaceAll(/[*?[\]^\\]/g, (special) => `\\${special}`);
}
