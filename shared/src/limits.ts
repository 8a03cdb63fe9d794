import { payloadLimits } from "./payload-limits.js";

const KIB = 1024;

/** The limits that the contract states. */
export const limits = {
  ...payloadLimits,
  jsonDepth: 32,
  channelsPerConnection: 128,
  /** Channels of one event stream. */
  channelsPerStream: 32,
  /** How long a WebSocket may take to send its `connect` frame, and a Socket.IO client to send its request to connect. */
  connectTimeoutMs: 5_000,
  unreadableFramesInARow: 10,
  idempotencyKeyLength: 200,
  exportCursorLength: 1_000,
  idempotencyTtlMs: 5 * 60_000,
  /** How long a session lives without use. */
  sessionTtlMs: { least: 15 * 60_000, default: 7 * 86_400_000, most: 400 * 86_400_000 },
  /** A further session replaces the session that expires first. */
  sessionsPerUser: 100,
  apiKeys: 1_000,
  scopesPerKey: 64,
  /** A JWT with a longer lifetime is refused, because revocations are kept for this time. */
  tokenLifetimeMs: 400 * 86_400_000,
  entryMetadataBytes: 2 * KIB,
  scoresPerBatch: 1_000,
  /** Metadata fields that a board ranks by. */
  fieldsPerBoard: 4,
  /** Different values of one metadata field in a season, unless the board sets another number. */
  valuesPerField: 1_000,
  entriesPerPage: 500,
  membersPerLookup: 1_000,
  retainedSeasons: 100,
  aroundRadius: 100,
  countersPerLookup: 1_000,
  counterThresholds: 20,
  trendingCounters: 100,
  /** How many intervals of each kind a counter's series keeps. */
  counterSeries: { minute: 1_440, hour: 720, day: 366 },
  chatTextLength: 4_000,
  chatMetadataBytes: 4 * KIB,
  chatMessagesPerPage: 100,
  chatRoomsPerUnread: 100,
  chatRoomsPerPage: 100,
  /** Rooms in the list of a user. A further room replaces the room that was added first. */
  chatRoomsPerUser: 500,
  chatMembersPerPage: 500,
  chatEditsPerMessage: 100,
  /** Edits, deletions and reactions of one user in a room. Moderators and servers are exempt. */
  chatChangesPerMinute: 120,
  /** How often one user can change the reactions to one message. Moderators and servers are exempt. */
  chatReactionChangesPerMessage: 100,
  /** Different emoji that one message can have. */
  chatEmojiPerMessage: 20,
  /** How many users a reaction lists. The count of the reaction includes the users who are not listed. */
  chatUsersPerReaction: 100,
  presenceStateBytes: 2 * KIB,
  presenceMembersPerPage: 500,
  /** A room with more members publishes digests instead of single changes. */
  presenceDigestAbove: 200,
  /** A room with more members publishes only counts. */
  presenceCountAbove: 5_000,
  /** The longest TTL of `presence.keep`. */
  presenceKeepMs: 86_400_000,
  roomsPerConnection: 128,
  usersPerLookup: 1_000,
  /** How many profiles one call reads. */
  profilesPerLookup: 100,
  /** The number of notices kept for each user. */
  userNotices: 50,
  userNoticeTtlMs: 86_400_000,
  /** The bytes of one notice's data. */
  userNoticeBytes: 2 * KIB,
  cacheValueBytes: 512 * KIB,
  cacheTtlMs: 7 * 86_400_000,
  /** How long one caller may take to load a value before another caller may load it. */
  cacheLoadMs: 300_000,
  tagsPerCacheEntry: 20,
  /** Tags of one cache that are remembered as invalidated. A further tag invalidates the whole cache. */
  invalidatedTags: 10_000,
  lockTtlMs: 3_600_000,
  jobPayloadBytes: 32 * KIB,
  jobDelayMs: 30 * 86_400_000,
  jobLeaseMs: 3_600_000,
  jobAttempts: 50,
  jobBackoffMs: 3_600_000,
  /** Jobs of one queue that are neither completed nor failed. */
  jobsPerQueue: 100_000,
  /** Jobs of one queue that failed permanently. A further failed job replaces the oldest. */
  failedJobsPerQueue: 1_000,
  jobsPerTake: 16,
  limitPoints: 1_000_000,
  limitWindowMs: 86_400_000,
  /** For how many minutes `admin.activity` returns the load. */
  activityMinutes: 60,
  /** Traces that run at a time. */
  traces: 8,
  /** The sanctions that `admin.room` lists. */
  sanctionsPerRoom: 200,
  webhooks: 16,
  webhookPatterns: 20,
  /** Deliveries that wait for one webhook. Later events are dropped until there is room. */
  webhookPending: 20_000,
} as const;

/** The limits in `welcome`, which the node sends when it accepts a connection. `frameBytes` equals `limits.bodyBytes`. */
export interface ConnectionLimits {
  channelsPerConnection: number;
  frameBytes: number;
}
