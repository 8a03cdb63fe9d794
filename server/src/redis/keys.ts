/**
 * Every key and pub/sub channel in Redis is named here.
 *
 * What belongs to one board carries one hash tag, so a script that touches several of its keys runs on one
 * Cluster node. Ids can't hold braces (see `resourceId` in shared/ids), so a tag ends where it should.
 */
export class Keys {
  constructor(private readonly prefix: string) {}

  board(board: string): BoardKeys {
    const tag = `${this.prefix}:{lb:${board}}`;
    return {
      meta: `${tag}:meta`,
      topic: `${tag}:live`,
      seasons: `${tag}:seasons`,
      hiddenMembers: `${tag}:hidden`,
      season: (window, season) =>
        ["z", "e", "h", "d"].map((part) => `${tag}:${part}:${window}:${season}`) as SeasonKeys,
      answer: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** ZSET of all board ids, equal scores, so it is ordered by id. */
  get boards(): string {
    return `${this.prefix}:boards`;
  }

  counter(counter: string): CounterKeys {
    const tag = `${this.prefix}:{counter:${counter}}`;
    return {
      meta: `${tag}:meta`,
      topic: `${tag}:live`,
      visitors: (shard) => `${tag}:visitors:${shard}`,
      series: (interval) => `${tag}:series:${interval}`,
      visitorsDuring: (interval) => `${tag}:visitors-during:${interval}`,
      answers: (slot) => `${tag}:answers:${slot}`,
      answer: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** ZSET of all counter ids, equal scores, so it is ordered by id. */
  get counters(): string {
    return `${this.prefix}:counters`;
  }

  /** What the counters of all ids grew by: one tag, so that it can be ranked. */
  get growth(): GrowthKeys {
    const tag = `${this.prefix}:{growth}`;
    return { hour: `${tag}:hour`, during: (slot) => `${tag}:during:${slot}` };
  }

  /** JSON of one session; `digest` is the SHA-256 of its token. */
  session(digest: string): string {
    return `${this.prefix}:{session:${digest}}`;
  }

  /** What the Socket.IO adapter's channels begin with. */
  get socketIo(): string {
    return `${this.prefix}:socket.io`;
  }

  /** What the keys of BullMQ begin with; it deletes its jobs itself when they are done. */
  get jobs(): string {
    return `{${this.prefix}:jobs}`;
  }

  /** The channel on which one node hears itself. */
  heartbeat(nodeId: string): string {
    return `${this.prefix}:{node:${nodeId}}:heartbeat`;
  }
}

export interface BoardKeys {
  /** HASH: the board's rules, its epoch and offset, the open season of each window. */
  meta: string;
  /** Pub/sub: that the board changed. */
  topic: string;
  /** HASH: each season that the board has, open or closed, to its times. */
  seasons: string;
  /** SET: the members whose entries are hidden. */
  hiddenMembers: string;
  season(window: string, season: string): SeasonKeys;
  /** STRING with a TTL: the first answer to an idempotency key. */
  answer(scope: string): string;
}

/**
 * What belongs to one season: a ZSET, the ranking; a HASH from member to record; a ZSET, the entries of hidden members;
 * a ZSET of the distinct scores, with a TTL and only where dense ranks are asked for.
 */
export type SeasonKeys = [ranking: string, records: string, hidden: string, distinct: string];

export interface CounterKeys {
  /** HASH: the counter's value and rules, its epoch and its offset. */
  meta: string;
  /** Pub/sub: that the counter changed. */
  topic: string;
  /** HYPERLOGLOG: one share of the different visitors. */
  visitors(shard: number): string;
  /** LIST with a TTL: what was counted in each interval. */
  series(interval: string): string;
  /** HYPERLOGLOG with a TTL: the different visitors of the interval under way. */
  visitorsDuring(interval: string): string;
  /** HASH with a TTL: the first answers to the idempotency keys of adds and visits. */
  answers(slot: number): string;
  /** STRING with a TTL: the first answer to an idempotency key of any other write. */
  answer(scope: string): string;
}

export interface GrowthKeys {
  /** ZSET with a TTL: growth over the last hour, by counter. */
  hour: string;
  /** ZSET with a TTL: growth during some minutes, by counter. */
  during(slot: number): string;
}
