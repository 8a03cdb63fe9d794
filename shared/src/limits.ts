import { payloadLimits } from "./payload-limits.js";

const KIB = 1024;

/** The bounds that the contract states. `welcome` tells a client those that concern its connection. */
export const limits = {
  ...payloadLimits,
  jsonDepth: 32,
  channelsPerConnection: 128,
  /** How long a WebSocket may stay silent before its `connect` frame. */
  connectTimeoutMs: 5_000,
  unreadableFramesInARow: 10,
  idempotencyKeyLength: 200,
  idempotencyTtlMs: 5 * 60_000,
  /** How long a session lives without use. */
  sessionTtlMs: { least: 15 * 60_000, default: 7 * 86_400_000, most: 400 * 86_400_000 },
  /** The one that ends first gives way to one more. */
  sessionsPerUser: 100,
  apiKeys: 1_000,
  scopesPerKey: 64,
  /** A JWT that lives longer is refused: revocations are remembered for as long. */
  tokenLifetimeMs: 400 * 86_400_000,
  entryMetadataBytes: 2 * KIB,
  scoresPerBatch: 1_000,
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
  /** Rooms in the list of a user; the ones added last stay. */
  chatRoomsPerUser: 500,
  chatMembersPerPage: 500,
  chatEditsPerMessage: 100,
  /** Edits, deletions and reactions of one user in a room. Moderators and servers are exempt. */
  chatChangesPerMinute: 120,
  /** How often one user can change the reactions to one message. Moderators and servers are exempt. */
  chatReactionChangesPerMessage: 100,
  /** Different emoji that one message can have. */
  chatEmojiPerMessage: 20,
  /** Users that a reaction names; the count goes on. */
  chatUsersPerReaction: 100,
  presenceStateBytes: 2 * KIB,
  presenceMembersPerPage: 500,
  /** Above so many members changes are told as digests, and above the second number as counts. */
  presenceDigestAbove: 200,
  presenceCountAbove: 5_000,
  /** The longest that presence.keep may keep a member. */
  presenceKeepMs: 86_400_000,
  roomsPerConnection: 128,
  usersPerLookup: 1_000,
  /** Notices that are kept for a user's devices, and for how long; and the bytes of the data of each. */
  userNotices: 50,
  userNoticeTtlMs: 86_400_000,
  userNoticeBytes: 2 * KIB,
} as const;

/** The part of `limits` that a connection is told. */
export interface ConnectionLimits {
  channelsPerConnection: number;
  frameBytes: number;
}
