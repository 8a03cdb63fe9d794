const KIB = 1024;

/** The limits of the contract. `welcome` contains those that concern a connection. */
export const limits = {
  /** Bytes of a REST body or socket frame. */
  bodyBytes: 64 * KIB,
  /** Bytes of the body or frame of an operation with many items. */
  batchBodyBytes: 1024 * KIB,
  jsonDepth: 32,
  channelsPerConnection: 128,
  /** How long a WebSocket may take to send its `connect` frame. */
  connectTimeoutMs: 5_000,
  unreadableFramesInARow: 10,
  idempotencyKeyLength: 200,
  idempotencyTtlMs: 5 * 60_000,
  /** How long a session lives without use. */
  sessionTtlMs: { least: 15 * 60_000, default: 7 * 86_400_000, most: 400 * 86_400_000 },
  /** One more session replaces the one that expires first. */
  sessionsPerUser: 100,
  apiKeys: 1_000,
  scopesPerKey: 64,
  /** A JWT that is valid for longer is refused, because revocations are kept for this long. */
  tokenLifetimeMs: 400 * 86_400_000,
  entryMetadataBytes: 2 * KIB,
  scoresPerBatch: 1_000,
  entriesPerPage: 500,
  membersPerLookup: 1_000,
  retainedSeasons: 100,
  /** Lines of one import call. Over REST an upload is split into parts of this many lines. */
  linesPerImport: 1_000,
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
  chatMembersPerPage: 500,
  chatEditsPerMessage: 100,
  /** Different emoji that one message can have. */
  chatEmojiPerMessage: 20,
  /** Users that a reaction lists. Its count includes the others. */
  chatUsersPerReaction: 100,
  presenceStateBytes: 2 * KIB,
  presenceMembersPerPage: 500,
  /** Above this many members a room publishes digests of changes, above the second number counts only. */
  presenceDigestAbove: 200,
  presenceCountAbove: 5_000,
  /** The longest TTL of presence.keep. */
  presenceKeepMs: 86_400_000,
  roomsPerConnection: 128,
  usersPerLookup: 1_000,
  /** How many notices of a user are kept, for how long, and the bytes of the data of each. */
  userNotices: 50,
  userNoticeTtlMs: 86_400_000,
  userNoticeBytes: 2 * KIB,
} as const;

/** The limits that `welcome` contains. */
export interface ConnectionLimits {
  channelsPerConnection: number;
  frameBytes: number;
}
