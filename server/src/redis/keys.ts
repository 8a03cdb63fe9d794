import { hash } from "node:crypto";

/**
 * Names every key and topic in Redis. The keys of one board, room, counter or user share a hash tag, so that a script
 * runs on one server of a Cluster. A brace would end the tag: most ids can't contain one (`resourceId` in shared/ids), and
 * the ids of users are encoded.
 *
 * In the descriptions, `field → value` is an element of a HASH, and `member → score` an element of a ZSET.
 */
export class Keys {
  private readonly prefix: string;
  private readonly database: number;

  /** @param database the number of the Redis database. Topics contain it, because pub/sub is shared by all databases */
  constructor(prefix: string, database = 0) {
    this.prefix = prefix;
    this.database = database;
  }

  private topic(name: string): string {
    return this.database === 0 ? name : `${name}:${this.database}`;
  }

  board(board: string): BoardKeys {
    const tag = `${this.prefix}:{lb:${board}}`;
    return {
      meta: `${tag}:meta`,
      topic: this.topic(`${tag}:live`),
      seasons: `${tag}:seasons`,
      hiddenMembers: `${tag}:hidden`,
      outbox: `${tag}:outbox`,
      season: (window, season) => ({
        ranking: `${tag}:z:${window}:${season}`,
        records: `${tag}:e:${window}:${season}`,
        hidden: `${tag}:h:${window}:${season}`,
        distinct: `${tag}:d:${window}:${season}`,
        values: `${tag}:v:${window}:${season}`,
      }),
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  room(room: string): RoomKeys {
    const tag = `${this.prefix}:{chat:${room}}`;
    return {
      meta: `${tag}:meta`,
      log: `${tag}:log`,
      older: `${tag}:older`,
      index: `${tag}:index`,
      reactors: `${tag}:reactors`,
      readMarks: `${tag}:read`,
      sends: `${tag}:sends`,
      changed: `${tag}:changed`,
      reacted: `${tag}:reacted`,
      members: `${tag}:members`,
      bans: `${tag}:bans`,
      mutes: `${tag}:mutes`,
      topic: this.topic(`${tag}:live`),
      activity: this.topic(`${tag}:activity`),
      outbox: `${tag}:outbox`,
      firstReply: (scope) => `${tag}:idem:${scope}`,
      // Encoded, because a user's id may contain braces, and Redis Cloud can take the last brace of a key as the end of the tag.
      pace: (action, user) => `${tag}:${action}:${encodeURIComponent(user)}`,
    };
  }

  /** Shares the tag of the room's chat, so that scripts of presence can check access to the room. */
  presence(room: string): PresenceKeys {
    const { meta, members, bans, outbox } = this.room(room);
    const part = (name: string) => `${this.prefix}:{chat:${room}}:presence:${name}`;
    return {
      roomMeta: meta,
      members,
      bans,
      outbox,
      topic: this.topic(part("live")),
      meta: part("meta"),
      present: part("members"),
      records: part("records"),
      grace: part("grace"),
      kept: part("kept"),
      keptTtls: part("kept-ttls"),
      nodes: part("nodes"),
      leaving: part("leaving"),
      held: (incarnation) => part(`node:${incarnation}`),
      firstReply: (scope) => part(`idem:${scope}`),
    };
  }

  /** The leases of all nodes, and the rooms in which a member is due to be removed. They share one hash tag. */
  get presenceNodes(): PresenceNodesKeys {
    const tag = `${this.prefix}:{presence}`;
    return {
      leases: `${tag}:leases`,
      sweeps: `${tag}:sweeps`,
      due: `${tag}:due`,
      claimed: `${tag}:claimed`,
      ticked: `${tag}:ticked`,
      notices: this.topic(`${tag}:notices`),
    };
  }

  /** SET with a TTL that a node renews: the rooms that may have members who are connected to the node. */
  presenceRooms(incarnation: string): string {
    return `${this.prefix}:{node:${incarnation}}:presence-rooms`;
  }

  /** ZSET of all board ids. All scores are equal, so that Redis orders it by id. */
  get boards(): string {
    return `${this.prefix}:boards`;
  }

  counter(counter: string): CounterKeys {
    const tag = `${this.prefix}:{counter:${counter}}`;
    return {
      meta: `${tag}:meta`,
      topic: this.topic(`${tag}:live`),
      outbox: `${tag}:outbox`,
      visitors: (shard) => `${tag}:visitors:${shard}`,
      series: (interval) => `${tag}:series:${interval}`,
      visitorsDuring: (interval) => `${tag}:visitors-during:${interval}`,
      results: (slot) => `${tag}:results:${slot}`,
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** ZSET of all counter ids. All scores are equal, so that Redis orders it by id. */
  get counters(): string {
    return `${this.prefix}:counters`;
  }

  /** The growth of all counters. Its keys share one hash tag, so that one command can rank the counters. */
  get growth(): GrowthKeys {
    const tag = `${this.prefix}:{growth}`;
    return { hour: `${tag}:hour`, during: (slot) => `${tag}:during:${slot}` };
  }

  /** HASH with a TTL: the report of the last erasure of a user. The key contains a digest instead of the id. */
  erasure(userDigest: string): string {
    return `${this.prefix}:{erasure:${userDigest}}`;
  }

  /** The reports of nodes and the audit log of operators. They share one hash tag. */
  get admin(): AdminKeys {
    const tag = `${this.prefix}:{admin}`;
    return {
      nodes: `${tag}:nodes`,
      leases: `${tag}:leases`,
      activity: `${tag}:activity`,
      audit: `${tag}:audit`,
    };
  }

  /** The keys of one trace. They share the hash tag of `admin`. */
  trace(id: string): TraceKeys {
    const tag = `${this.prefix}:{admin}`;
    return {
      traces: `${tag}:traces`,
      traceTopic: this.topic(`${tag}:traces-changed`),
      records: `${tag}:trace:${id}`,
      erased: `${tag}:traces-erased`,
    };
  }

  /** HASH with a TTL: one sign-in to the console, or one of its access tokens. `digest` is the hash of its secret. */
  consoleCredential(digest: string): string {
    return `${this.prefix}:{console:${digest}}`;
  }

  /** For SCAN: the pattern of the keys of all users whose encoded ids begin with `encodedPrefix`. */
  anyUserKey(encodedPrefix: string): string {
    return `${this.prefix}:{user:${encodedPrefix}*}:*`;
  }

  /** The user of a key; null for any other key. */
  userOfKey(key: string): string | null {
    const encoded = /:\{user:([^{}]+)\}:/.exec(key)?.[1];
    return encoded === undefined ? null : decodeURIComponent(encoded);
  }

  /** For SCAN: the pattern of the keys of all rooms whose ids begin with `idPrefix`. */
  roomKeys(idPrefix: string): string {
    return `${this.prefix}:{chat:${idPrefix}*}:*`;
  }

  /** The room of a key of chat or presence; null for any other key. */
  roomOfAnyKey(key: string): string | null {
    return /:\{chat:([^{}]+)\}:/.exec(key)?.[1] ?? null;
  }

  /** The pattern of the keys of all rooms, for SCAN. */
  get anyRoomKey(): string {
    return `${this.prefix}:{chat:*}:*`;
  }

  /** The room of a key of chat; null for a key of presence. */
  roomOfKey(key: string): string | null {
    return /:\{chat:([^{}]+)\}:(?!presence:)/.exec(key)?.[1] ?? null;
  }

  session(id: string): SessionKeys {
    return { record: `${this.prefix}:{session:${id}}` };
  }

  user(user: string): UserKeys {
    // Encoded, because an id may contain colons, and braces, which would end the tag. Encoded ids stay unique.
    const tag = `${this.prefix}:{user:${encodeURIComponent(user)}}`;
    return {
      meta: `${tag}:meta`,
      topic: this.topic(`${tag}:live`),
      rooms: `${tag}:rooms`,
      ended: `${tag}:ended`,
      notices: `${tag}:notices`,
      sessions: `${tag}:sessions`,
      chats: `${tag}:chats`,
      outbox: `${tag}:outbox`,
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /**
   * The profile of a user. Profiles are in a few groups with one tag each: a group is read in one command, its topic
   * publishes changes in the order of the writes, and a Cluster distributes the groups over its servers.
   */
  profile(user: string): ProfileKeys {
    const group = this.profileGroup(groupOf(user));
    const encoded = encodeURIComponent(user);
    return {
      ...group,
      record: `${group.tag}:of:${encoded}`,
      fetch: `${group.tag}:fetch:${encoded}`,
      // One call may set many profiles, so the user is part of the key. The id is hashed: the key may outlive an erasure.
      firstReply: (scope) => `${group.tag}:idem:${hash("sha256", user, "base64url")}:${scope}`,
    };
  }

  /** @param number from 0 to PROFILE_GROUPS - 1 */
  profileGroup(number: number): ProfileGroupKeys {
    const tag = `${this.prefix}:{profiles:${number}}`;
    return { tag, topic: this.topic(`${tag}:live`) };
  }

  /** API keys, revocations and the cookie secret. One hash tag lets one script make a change and publish it. */
  get identity(): IdentityKeys {
    const tag = `${this.prefix}:{identity}`;
    return {
      apiKeys: `${tag}:keys`,
      revokedUsers: `${tag}:revoked-users`,
      ended: `${tag}:ended`,
      cookieSecret: `${tag}:cookie-secret`,
      topic: this.topic(`${tag}:live`),
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** All keys of one cache share a hash tag, because a script checks an entry against the HASH of invalidated cache tags. */
  cache(cache: string): CacheKeys {
    const tag = `${this.prefix}:{cache:${cache}}`;
    return {
      tags: `${tag}:tags`,
      entry: (key) => `${tag}:entry:${key}`,
      load: (key) => `${tag}:load:${key}`,
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** Webhooks and the list of outboxes. They share one hash tag. */
  get webhooks(): WebhookKeys {
    const tag = `${this.prefix}:{webhooks}`;
    return {
      endpoints: `${tag}:endpoints`,
      deleted: `${tag}:deleted`,
      outboxes: `${tag}:outboxes`,
      sweep: `${tag}:sweep`,
      topic: this.topic(`${tag}:live`),
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  lock(lock: string): LockKeys {
    const tag = `${this.prefix}:{lock:${lock}}`;
    return { owner: `${tag}:owner`, fence: `${tag}:fence`, firstReply: (scope) => `${tag}:idem:${scope}` };
  }

  /** The keys of one queue of the app's jobs. Grandstand's own jobs are in BullMQ, under the prefix `jobs`. */
  jobQueue(queue: string): JobQueueKeys {
    const tag = `${this.prefix}:{job:${queue}}`;
    return {
      due: `${tag}:due`,
      taken: `${tag}:taken`,
      failed: `${tag}:failed`,
      records: `${tag}:records`,
      payloads: `${tag}:payloads`,
      users: `${tag}:users`,
      took: (token) => `${tag}:took:${encodeURIComponent(token)}`,
      firstReply: (scope) => `${tag}:idem:${scope}`,
    };
  }

  /** For SCAN: the pattern of the keys `users`. Only a queue with a job that names a user has this key. */
  get anyUserJobQueue(): string {
    return `${this.prefix}:{job:*}:users`;
  }

  /** For SCAN: the pattern of one key of each queue that has jobs and whose id begins with `idPrefix`. */
  queueKeys(idPrefix: string): string {
    return `${this.prefix}:{job:${idPrefix}*}:records`;
  }

  /** The queue of a key that `anyUserJobQueue` or `queueKeys` matches; null for any other key. */
  queueOfKey(key: string): string | null {
    return /:\{job:([^{}]+)\}:(?:users|records)$/.exec(key)?.[1] ?? null;
  }

  /** STRING with a TTL: the time in ms at which all spent points of a limit are back. `limit.check` spends these points. */
  appLimit(limit: string, whose: string): string {
    // Encoded, so that the hash tag contains no brace. Different values have different encoded forms.
    return `${this.prefix}:app-limit:${limit}:{${encodeURIComponent(whose)}}`;
  }

  /** Counter with a TTL: the points that one user, API key or address spent in the current time window. */
  limit(policy: string, whose: string): string {
    return `${this.prefix}:limit:${policy}:${whose}`;
  }

  /** STRING with a TTL: a node writes and reads it, to check whether Redis serves writes and reads. */
  get health(): string {
    return `${this.prefix}:health`;
  }

  /** The prefix of the Socket.IO adapter's topics. */
  get socketIo(): string {
    return this.topic(`${this.prefix}:socket.io`);
  }

  /** The prefix of BullMQ's keys. BullMQ deletes completed jobs itself. */
  get jobs(): string {
    return `{${this.prefix}:jobs}`;
  }

  /**
   * The topic of a node's heartbeat on one Redis server. On a Cluster, the node tries numbers until the topic belongs to
   * that server.
   */
  heartbeat(nodeId: string, number: number): string {
    return `${this.prefix}:{node:${nodeId}:${number}}:heartbeat`;
  }
}

/** The number of groups of profiles. Don't change it: users would be in other groups, without their stored profiles. */
export const PROFILE_GROUPS = 16;

/** The group of a user: FNV-1a over the id. */
function groupOf(user: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(user)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % PROFILE_GROUPS;
}

export interface ProfileGroupKeys {
  /** What the keys of the group begin with. */
  tag: string;
  /** Pub/sub: the profiles that changed. */
  topic: string;
}

export interface ProfileKeys extends ProfileGroupKeys {
  /** STRING with a TTL: the profile, and the time from which it is valid. */
  record: string;
  /** STRING with a TTL: the claim of the node that fetches the profile from the app's backend. */
  fetch: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

/** A session's id is the digest of its token. */
export interface SessionKeys {
  /** HASH with a TTL: whose session it is, and what it may do. */
  record: string;
}

export interface IdentityKeys {
  /** HASH: id of an API key (the digest of its secret) → the key's record. Creating a key removes expired keys. */
  apiKeys: string;
  /** ZSET with a TTL: user → time of the user's last revocation; trimmed. */
  revokedUsers: string;
  /** ZSET with a TTL: session or API key → time of its revocation; trimmed. */
  ended: string;
  /** STRING with a TTL: the secret that signs cookies when the settings have none. */
  cookieSecret: string;
  /** Pub/sub: what was revoked. */
  topic: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface WebhookKeys {
  /** HASH: webhook → its settings. */
  endpoints: string;
  /** ZSET: deleted webhook whose queue must still be removed → time of the deletion. */
  deleted: string;
  /** ZSET: outbox that may contain events → time at which a node last listed it. */
  outboxes: string;
  /**
   * STRING with a TTL: set when a node begins a sweep, which reads all listed outboxes. Nodes begin no other sweep while it
   * exists.
   */
  sweep: string;
  /** Pub/sub: that webhooks changed. */
  topic: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface BoardKeys {
  /** HASH: the board's rules, its epoch and offset, the open season of each window. */
  meta: string;
  /** Pub/sub: that the board changed. */
  topic: string;
  /** HASH: season → its times. It has the open seasons, and the closed seasons that the board keeps. */
  seasons: string;
  /** SET: the members whose entries are hidden. */
  hiddenMembers: string;
  /** LIST with a TTL: events for webhooks. */
  outbox: string;
  season(window: string, season: string): SeasonKeys;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface SeasonKeys {
  /** ZSET: the ranking (lua/entry-codec.lua of the leaderboards). */
  ranking: string;
  /** HASH: member → record of the member's entry. */
  records: string;
  /** ZSET: the entries of hidden members. */
  hidden: string;
  /** ZSET with a TTL: the distinct scores. It exists only after a read with the rank rule `dense`. */
  distinct: string;
  /**
   * HASH: value of a metadata field → number of entries with this value. It has the values of the board's `fields`. Each
   * value has a ranking of its own in another key (field_ranking() in lua/field-rankings.lua).
   */
  values: string;
}

export interface CacheKeys {
  /**
   * HASH with a TTL: invalidated tag → number of the tag's last invalidation. A cache numbers its invalidations 1, 2, 3 and
   * so on. entry.lua describes two more fields.
   */
  tags: string;
  /** HASH with a TTL: the value, its tags, and when its load began. */
  entry(key: string): string;
  /** STRING with a TTL: the claim of the caller that loads the value. */
  load(key: string): string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface LockKeys {
  /** STRING with a TTL: the token and the fencing number of the owner. */
  owner: string;
  /** STRING with a TTL: the last fencing number. */
  fence: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

/** The first replies have a TTL of their own. All other keys expire when the queue is not used. */
export interface JobQueueKeys {
  /** ZSET: waiting job → time from which a worker may take it. */
  due: string;
  /** ZSET: job that a worker has taken → end of the lease. */
  taken: string;
  /** ZSET: job that failed permanently → time of the failure; trimmed. */
  failed: string;
  /** HASH: job → its attempts, its worker and its user. */
  records: string;
  /** HASH: job → its payload. */
  payloads: string;
  /** ZSET, equal scores: the jobs about users. A member is the encoded id of the user and the id of the job. */
  users: string;
  /** SET with a TTL: the jobs that one `job.take` took. */
  took(token: string): string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface CounterKeys {
  /** HASH: the counter's value and rules, its epoch and its offset. */
  meta: string;
  /** Pub/sub: that the counter changed. */
  topic: string;
  /** LIST with a TTL: events for webhooks. */
  outbox: string;
  /** HYPERLOGLOG: the distinct visitors in one shard. */
  visitors(shard: number): string;
  /** LIST with a TTL: what was counted in each interval. */
  series(interval: string): string;
  /** HYPERLOGLOG with a TTL: the distinct visitors of the current interval. */
  visitorsDuring(interval: string): string;
  /** HASH with a TTL: idempotency key of an add or visit → its first result. */
  results(slot: number): string;
  /** STRING with a TTL: the first reply to an idempotency key of any other write. */
  firstReply(scope: string): string;
}

export interface AdminKeys {
  /** HASH with a TTL: node → its last report, as JSON. */
  nodes: string;
  /** ZSET with a TTL: node → time from which its next report is overdue. */
  leases: string;
  /** HASH with a TTL: sums and peaks of each of the last minutes. */
  activity: string;
  /** STREAM with a TTL: what operators did in the console; trimmed. */
  audit: string;
}

export interface TraceKeys {
  /** HASH with a TTL: id of a delivery trace → its room, its user and its end, as JSON; trimmed. */
  traces: string;
  /** Pub/sub: a trace began or ended. */
  traceTopic: string;
  /** STREAM with a TTL: what the nodes recorded; trimmed. */
  records: string;
  /** SET with a TTL: digests of the users who were erased a moment ago. */
  erased: string;
}

export interface GrowthKeys {
  /** ZSET with a TTL: counter → its growth over the last hour. */
  hour: string;
  /** ZSET with a TTL: counter → its growth in the minutes of the slot (growth.lua). */
  during(slot: number): string;
}

/** What concerns a user in all rooms. Keys without a TTL get one when the user leaves the last room. */
export interface UserKeys {
  /** HASH: epoch and offset of the user's channel, and when the user was last in a room. Expires unless the user is in a room. */
  meta: string;
  /** Pub/sub: rooms that the user entered or left, and notices. */
  topic: string;
  /** HASH: room that the user is in → presence session there. */
  rooms: string;
  /** ZSET with a TTL: the presence sessions that ended lately. */
  ended: string;
  /** LIST with a TTL: the last notices. */
  notices: string;
  /** ZSET with a TTL: id of a session of the user → end of the session. */
  sessions: string;
  /** ZSET with a TTL: chat room of the user → time at which it was added. */
  chats: string;
  /** LIST with a TTL: events for webhooks. */
  outbox: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

/** Keys marked "Expires" expire with the log. Keys without a TTL exist until their content or the room is removed. */
export interface RoomKeys {
  /** HASH: the room's settings, and where its log begins and ends. Expires with the log unless the room was configured. */
  meta: string;
  /** LIST: the log; the item at index i has the offset `head + i`. Expires. */
  log: string;
  /** HASH: offset → message whose item has left the log. Expires. */
  older: string;
  /**
   * ZSET, equal scores: several lists of message offsets, told apart by prefixes (log.lua). There is a list of all messages,
   * one of each user's messages, and one of the deleted messages. Each thread has the same lists. Expires.
   */
  index: string;
  /** ZSET: user and emoji of a reaction → offset of the message. Expires. */
  reactors: string;
  /** HASH: user → offset up to which the user has read. Expires. */
  readMarks: string;
  /** HASH: idempotency key of a send → fingerprint of its input, and offset of its message. Expires. */
  sends: string;
  /** HASH: user → number of messages that the user changed within a minute. Expires. */
  changed: string;
  /**
   * ZSET: a message's offset and a user. The score is the offset plus n / 1024. Here n is how often the user changed
   * reactions to the message. Expires.
   */
  reacted: string;
  /** HASH: user → role. */
  members: string;
  /** ZSET: user → end of the ban. */
  bans: string;
  /** ZSET: user → end of the mute. */
  mutes: string;
  /** Pub/sub: each item that was appended to the log, who is typing, and changes of access. */
  topic: string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
  /** Pub/sub: that the messages of the room changed, for the inboxes of its users. */
  activity: string;
  /** LIST with a TTL: events of chat and presence for webhooks. */
  outbox: string;
  /** STRING with a TTL: the user sent or typed too recently to do it again. */
  pace(action: "sent" | "typed", user: string): string;
}

/** The keys of presence itself exist while the room has members; `meta`, `leaving` and first replies also afterwards. */
export interface PresenceKeys {
  /** HASH: the settings of the room's chat. `members` and `bans` belong to the room's chat too. */
  roomMeta: string;
  members: string;
  bans: string;
  /** The outbox of the room's chat. */
  outbox: string;
  /** Pub/sub: changes of members, and changes of access. */
  topic: string;
  /** HASH: epoch and offset. Expires when the room is empty. */
  meta: string;
  /** ZSET: user → offset of the join. */
  present: string;
  /** HASH: user → record. */
  records: string;
  /** ZSET: user without a connection → end of the grace: until then, the user stays a member. */
  grace: string;
  /** ZSET: kept member (one that a server keeps in the room over REST) → end of the member's TTL. */
  kept: string;
  /**
   * HASH: kept member → TTL. When Redis's clock is set back, the end times in `kept` become too late. A script then
   * corrects them with these TTLs.
   */
  keptTtls: string;
  /** HASH: incarnation (a lifetime of a node) → summary of the users who are connected to it. */
  nodes: string;
  /** SET: ended presence sessions whose end is not written to the users' own keys yet. */
  leaving: string;
  /** SET: the users who are connected to one node. When its lease has ended, another node removes these users from the room. */
  held(incarnation: string): string;
  /** STRING with a TTL: the first reply to an idempotency key. */
  firstReply(scope: string): string;
}

export interface PresenceNodesKeys {
  /**
   * ZSET: incarnation of a node → end of its lease. When the lease has ended, another node sweeps the
   * incarnation: it removes the members, then the incarnation.
   */
  leases: string;
  /** ZSET: incarnation whose members a node is removing → time at which another node may take over. */
  sweeps: string;
  /** ZSET: due room → time at which the grace or TTL of a member ends. */
  due: string;
  /** ZSET: due room that a node is handling → time at which another node may take over. */
  claimed: string;
  /** STRING with a TTL: when any node last renewed its lease. */
  ticked: string;
  /** Pub/sub: that access to a room changed. */
  notices: string;
}
