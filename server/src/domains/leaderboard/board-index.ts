import { GrandstandError } from "@grandstand/shared/errors";
import { resourceId } from "@grandstand/shared/ids";
import type { Redis } from "ioredis";
import type { Keys } from "../../redis/keys.js";

/**
 * The ids of all boards, in order. It lies on another Cluster node than most boards, so no script can write both;
 * a name in it without a board is skipped by who reads it, a board that is not in it would be lost.
 */
export class BoardIndex {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#key = keys.boards;
  }

  async add(board: string): Promise<void> {
    await this.#redis.zadd(this.#key, 0, board);
  }

  async remove(board: string): Promise<void> {
    await this.#redis.zrem(this.#key, board);
  }

  /**
   * @param cursor a `nextCursor` of an earlier page
   * @throws {GrandstandError} `bad_request` when it is none.
   */
  async page(
    limit: number,
    cursor: string | undefined,
  ): Promise<{ boards: string[]; nextCursor: string | null }> {
    const after = cursor === undefined ? "-" : `(${decode(cursor)}`;
    const found = await this.#redis.zrangebylex(this.#key, after, "+", "LIMIT", 0, limit + 1);
    const boards = found.slice(0, limit);
    return { boards, nextCursor: found.length > limit ? encode(boards.at(-1)!) : null };
  }
}

function encode(board: string): string {
  return Buffer.from(board).toString("base64url");
}

function decode(cursor: string): string {
  const board = Buffer.from(cursor, "base64url").toString();
  if (resourceId.safeParse(board).success && encode(board) === cursor) return board;
  throw notOurCursor();
}

export function notOurCursor(cause?: unknown): GrandstandError {
  return new GrandstandError("bad_request", "The cursor is not one of this server's", {
    issues: [{ path: "cursor", rule: "cursor", message: "must be a nextCursor of an earlier answer" }],
    cause,
  });
}
