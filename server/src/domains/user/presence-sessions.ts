import { namedReply, runScript } from "../../redis/scripts.js";
import type {
  PresenceSessionChange,
  PresenceSessionRecords,
  Whereabouts,
} from "../shared/presence-session.js";
import { RECORD_TTL_MS, type RecordDependencies, writeRecord } from "./records.js";
import { recordSessionsScript, whereaboutsScript } from "./scripts.js";

/**
 * How long the end of a presence session is stored. The beginning may be recorded late, after the end. The stored end
 * then prevents that the user is shown in the room. An hour is long enough, because nodes stop trying to record a
 * beginning soon after the user has left.
 */
const ENDED_TTL_MS = 3_600_000;
/** How many ends of presence sessions are stored for one user. */
const ENDED_LIMIT = 1_000;

/** The rooms in which each user is. */
export class PresenceSessions implements PresenceSessionRecords {
  readonly #dependencies: RecordDependencies;

  constructor(dependencies: RecordDependencies) {
    this.#dependencies = dependencies;
  }

  /** For each user, records that user's changes atomically and in the order of `changes`. */
  async note(changes: readonly PresenceSessionChange[]): Promise<void> {
    const byUser = new Map<string, PresenceSessionChange[]>();
    for (const change of changes) {
      const own = byUser.get(change.user) ?? [];
      own.push(change);
      byUser.set(change.user, own);
    }
    // The users' keys may be on different servers of a Cluster, so there is one script call per user.
    // All script calls take one round trip.
    await Promise.all([...byUser].map(([user, own]) => this.#noteFor(user, own)));
  }

  read(users: readonly string[], showsRooms: (user: string) => boolean): Promise<Whereabouts[]> {
    return Promise.all(users.map((user) => this.#readOf(user, showsRooms(user))));
  }

  async #noteFor(user: string, own: readonly PresenceSessionChange[]): Promise<void> {
    const changes = own.map(({ room, epoch, joinOffset, ended, atMs }) => ({
      room,
      epoch,
      joinOffset,
      hasEnded: ended ? "1" : "0",
      atMs,
    }));
    await writeRecord(this.#dependencies, recordSessionsScript, user, {
      endedTtlMs: ENDED_TTL_MS,
      endedLimit: ENDED_LIMIT,
      changes,
    });
  }

  async #readOf(user: string, showsRooms: boolean): Promise<Whereabouts> {
    const { redis, keys } = this.#dependencies;
    const args = { showsRooms: showsRooms ? "1" : "0" };
    const [status, ...values] = (await runScript(
      redis,
      whereaboutsScript,
      keys.user(user),
      args,
    )) as string[];
    const { nowMs, seenAtMs, roomCount, rooms } = namedReply(whereaboutsScript, status!, values);
    const isOnline = roomCount !== "0";
    const lastSeenAtMs = Number(isOnline ? nowMs : seenAtMs);
    // `seenAt` is shown for 30 days, but the record may exist for longer, because each notice to the user renews its TTL.
    const isShown = lastSeenAtMs > Number(nowMs) - RECORD_TTL_MS;
    return { isOnline, rooms: rooms.sort(), lastSeenAtMs: isShown ? lastSeenAtMs : null };
  }
}
