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
      ranking: (window, season) => `${tag}:z:${window}:${season}`,
      records: (window, season) => `${tag}:e:${window}:${season}`,
      answer: (scope) => `${tag}:idem:${scope}`,
    };
  }

  room(room: string): RoomKeys {
    const tag = `${this.prefix}:{chat:${room}}`;
    return {
      meta: `${tag}:meta`,
      log: `${tag}:log`,
      index: `${tag}:index`,
      reactors: `${tag}:reactors`,
      readMarks: `${tag}:read`,
      members: `${tag}:members`,
      bans: `${tag}:bans`,
      mutes: `${tag}:mutes`,
      topic: `${tag}:live`,
      answer: (scope) => `${tag}:idem:${scope}`,
      pace: (action, user) => `${tag}:${action}:${user}`,
    };
  }

  /** ZSET of all board ids, equal scores, so it is ordered by id. */
  get boards(): string {
    return `${this.prefix}:boards`;
  }

  /** JSON of one session; `digest` is the SHA-256 of its token. */
  session(digest: string): string {
    return `${this.prefix}:{session:${digest}}`;
  }

  /** What the Socket.IO adapter's channels begin with. */
  get socketIo(): string {
    return `${this.prefix}:socket.io`;
  }

  /** The channel on which one node hears itself. */
  heartbeat(nodeId: string): string {
    return `${this.prefix}:{node:${nodeId}}:heartbeat`;
  }
}

export interface BoardKeys {
  /** HASH: the board's rules, its epoch and its offset. */
  meta: string;
  /** Pub/sub: that the board changed. */
  topic: string;
  /** ZSET: the order of one season. */
  ranking(window: string, season: string): string;
  /** HASH: member to record, of one season. */
  records(window: string, season: string): string;
  /** STRING with a TTL: the first answer to an idempotency key. */
  answer(scope: string): string;
}

/** What expires with the log lives as long as it does; the rest until it is taken back, or the room is dropped. */
export interface RoomKeys {
  /** HASH: the room's settings, and where its log begins and ends. Expires with the log unless it was configured. */
  meta: string;
  /** LIST: the log; the item at index i has the offset `head + i`. Expires. */
  log: string;
  /** ZSET, equal scores: the offsets of all messages, and those of each user. Expires. */
  index: string;
  /** ZSET: who reacted with what, by the offset of the message. Expires. */
  reactors: string;
  /** HASH: user to the offset read up to. Expires. */
  readMarks: string;
  /** HASH: user to role. */
  members: string;
  /** ZSET: user by the end of the ban. */
  bans: string;
  /** ZSET: user by the end of the mute. */
  mutes: string;
  /** Pub/sub: the items of the log as they are appended, typing, and that access changed. */
  topic: string;
  /** STRING with a TTL: the first answer to an idempotency key. */
  answer(scope: string): string;
  /** STRING with a TTL: that a user did something too lately to do it again. */
  pace(action: "sent" | "typed", user: string): string;
}
