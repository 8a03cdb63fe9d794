import { GrandstandError } from "@grandstand/shared/errors";
import { resourceId } from "@grandstand/shared/ids";
import type { RedisCommands } from "../../redis/commands.js";

export interface IdPage {
  ids: string[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/**
 * A ZSET with the ids of all resources of one kind, in alphabetical order. The ZSET and a resource may be on different
 * servers of a Cluster, so no script can write both. Add the id before you create the resource: readers skip an id without a
 * resource, but would never find a resource without its id.
 */
export class IdIndex {
  readonly #redis: RedisCommands;
  readonly #key: string;

  constructor(redis: RedisCommands, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  async add(id: string): Promise<void> {
    await this.#redis.zadd(this.#key, 0, id);
  }

  async remove(id: string): Promise<void> {
    await this.#redis.zrem(this.#key, id);
  }

  /**
   * @param prefix the page has only ids that begin with this prefix
   * @param cursor a `nextCursor` of an earlier page
   * @throws {GrandstandError} `bad_request` for any other cursor
   */
  async page(limit: number, prefix = "", cursor?: string): Promise<IdPage> {
    const found = await this.#redis.zrangebylex(
      this.#key,
      firstOf(prefix, cursor),
      // Ids are ASCII, so this bound is greater than every id with the prefix.
      prefix === "" ? "+" : `(${prefix}\x7f`,
      "LIMIT",
      0,
      limit + 1,
    );
    const ids = found.slice(0, limit);
    return { ids, nextCursor: found.length > limit ? encode(ids.at(-1)!) : null };
  }
}

function firstOf(prefix: string, cursor: string | undefined): string {
  const after = cursor === undefined ? "" : decode(cursor);
  // A cursor from a page with another prefix may precede all ids with `prefix`.
  if (after >= prefix && after !== "") return `(${after}`;
  return prefix === "" ? "-" : `[${prefix}`;
}

function encode(id: string): string {
  return Buffer.from(id).toString("base64url");
}

function decode(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (resourceId.safeParse(id).success && encode(id) === cursor) return id;
  throw notOurCursor();
}

export function notOurCursor(cause?: unknown): GrandstandError {
  return new GrandstandError("bad_request", "The cursor is not valid", {
    issues: [{ path: "cursor", rule: "cursor", message: "must be a nextCursor of an earlier response" }],
    cause,
  });
}
