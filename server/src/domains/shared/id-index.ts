import { GrandstandError } from "@grandstand/shared/errors";
import { resourceId } from "@grandstand/shared/ids";
import type { Redis } from "ioredis";

export interface IdPage {
  ids: string[];
  /** Null when no id follows. */
  nextCursor: string | null;
}

/**
 * A ZSET with the ids of all resources of one kind, in order. No script can write it together with a resource, which
 * lies on another Cluster node. A reader skips an id without a resource; a resource without its id would be lost.
 */
export class IdIndex {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, key: string) {
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
   * @param prefix only ids that begin with it
   * @param cursor a `nextCursor` of an earlier page
   * @throws {GrandstandError} `bad_request` for a text that is not a cursor.
   */
  async page(limit: number, prefix = "", cursor?: string): Promise<IdPage> {
    const found = await this.#redis.zrangebylex(
      this.#key,
      firstOf(prefix, cursor),
      // Ids are ASCII, so every id with the prefix lies before this byte behind it.
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
  // A cursor of another prefix may lie before this one's ids.
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
  return new GrandstandError("bad_request", "The cursor is not one of this server's", {
    issues: [{ path: "cursor", rule: "cursor", message: "must be a nextCursor of an earlier answer" }],
    cause,
  });
}
