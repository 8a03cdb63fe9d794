import type { RedisCommands } from "../../redis/commands.js";
import { notOurCursor } from "./id-index.js";
import { pageAt } from "./redis-cursor.js";

/** How many keys one SCAN looks at, and how many times a page scans. */
const KEYS_PER_SCAN = 500;
const SCANS_PER_PAGE = 40;
/** A cursor of SCAN; on a Cluster it has more digits, for the number of a server. */
const CURSOR = /^\d{1,24}$/;

export interface FoundPage {
  ids: string[];
  nextCursor: string | null;
}

/**
 * Finds ids by the keys of Redis, a bounded number of keys a page. Rooms, users and queues of jobs are in no index, which
 * every write would pay for; operators search rarely.
 * @param idOf the id in a key; null for a key of something else
 * @throws {GrandstandError} `bad_request` for a cursor that no page had
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

/** A text that a pattern of SCAN matches literally. */
export function literally(text: string): string {
  return text.replaceAll(/[*?[\]^\\]/g, (special) => `\\${special}`);
}
