import type { Redis } from "ioredis";

/** The command that publishes: `SPUBLISH` where the server has sharded pub/sub (Redis 7, Valkey), else `PUBLISH`. */
export type PublishCommand = "SPUBLISH" | "PUBLISH";

/** A part of the keys that match a pattern. */
export interface KeyPage {
  keys: string[];
  /** "0" after the last part. */
  nextCursor: string;
}

/** The commands about one key, or about several keys with one hash tag. */
type KeyCommands = Pick<
  Redis,
  | "del"
  | "exists"
  | "expire"
  | "get"
  | "hdel"
  | "hexists"
  | "hget"
  | "hgetall"
  | "hgetBuffer"
  | "hkeys"
  | "hlen"
  | "hmget"
  | "hset"
  | "llen"
  | "lrange"
  | "multi"
  | "pexpire"
  | "sadd"
  | "set"
  | "smembers"
  | "srandmember"
  | "srem"
  | "ttl"
  | "unlink"
  | "xdel"
  | "xrange"
  | "xrevrange"
  | "zadd"
  | "zcard"
  | "zmscore"
  | "zrange"
  | "zrangebylex"
  | "zrangebyscore"
  | "zrem"
  | "zscore"
>;

/** The commands about a server; on a cluster, about any of its servers. */
type ServerCommands = Pick<Redis, "dbsize" | "info" | "ping" | "time">;

/**
 * The commands of this node to a single Redis, to Sentinel or to a Cluster. A command that fails may have run, so it is
 * not retried. Each command succeeds or fails within the command timeout.
 */
export interface RedisCommands extends KeyCommands, ServerCommands {
  /** `ready` while commands reach Redis. */
  readonly status: string;
  /** Publishes at the server at which nodes subscribe to the topic. */
  publishTo(topic: string, message: string): Promise<unknown>;
  /** How many nodes subscribe to the topic. */
  subscriberCount(topic: string): Promise<number>;
  /**
   * Goes through about `count` keys, and returns those that match. On a Cluster, a scan reads one server after the other.
   * If a slot is still moving to another server when the scan ends, the scan may have missed keys of that slot.
   * @param cursor "0", or a `nextCursor`
   * @throws {GrandstandError} `bad_request` if servers or the owners of slots have changed since the scan began
   */
  scanKeys(pattern: string, cursor: string, count: number): Promise<KeyPage>;
  /** Calls `listener` each time a lost connection works again. @returns a function that removes the listener */
  onReconnect(listener: () => void): () => void;
}
