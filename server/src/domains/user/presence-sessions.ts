import { runScript } from "../../redis/positional-scripts.js";
import type {
  PresenceSessionChange,
  PresenceSessionRecords,
  Whereabouts,
} from "../shared/presence-session.js";
import { RECORD_TTL_MS, type UserGround, writeRecord } from "./records.js";
import { noteStaysScript, whereaboutsScript } from "./scripts.js";

/**
 * How long a stay that ended is remembered, so that its beginning, told of late, does not begin it again. No node tries
 * longer to tell of one.
 */
const ENDED_TTL_MS = 3_600_000;

/** In which rooms each user is, over all of them. */
export class PresenceSessions implements PresenceSessionRecords {
  readonly #ground: UserGround;

  constructor(ground: UserGround) {
    this.#ground = ground;
  }

  /**
   * Notes changes, those of one user at once and in their order. To note one again, or later than what came after it,
   * changes nothing; so when this fails, all of them can be noted once more.
   */
  async note(changes: readonly PresenceSessionChange[]): Promise<void> {
    const byUser = new Map<string, PresenceSessionChange[]>();
    for (const change of changes) byUser.set(change.user, [...(byUser.get(change.user) ?? []), change]);
    // Users lie on different nodes of a Cluster: one script each, all in one round trip.
    await Promise.all([...byUser].map(([user, own]) => this.#noteFor(user, own)));
  }

  /** @param showsRooms whether the rooms of a user are wanted, and not only whether there are any */
  read(users: readonly string[], showsRooms: (user: string) => boolean): Promise<Whereabouts[]> {
    return Promise.all(users.map((user) => this.#readOf(user, showsRooms(user))));
  }

  async #noteFor(user: string, changes: readonly PresenceSessionChange[]): Promise<void> {
    await writeRecord(this.#ground, noteStaysScript, user, ({ endedStays }) => [endedStays], [
      ENDED_TTL_MS,
      ...changes.flatMap(({ room, epoch, joinOffset: stay, ended, atMs }) => [
        room,
        epoch,
        stay,
        ended ? "1" : "0",
        atMs,
      ]),
    ]);
  }

  async #readOf(user: string, showsRooms: boolean): Promise<Whereabouts> {
    const { redis, keys } = this.#ground;
    const { meta, rooms } = keys.user(user);
    const [now, seenAt, count, ...found] = (await runScript(
      redis,
      whereaboutsScript,
      [meta, rooms],
      [showsRooms ? "1" : "0"],
    )) as [string, string, string, ...string[]];
    const isOnline = count !== "0";
    const lastSeenAtMs = Number(isOnline ? now : seenAt);
    // Notices keep a record for longer than it says when the user was seen.
    const isKnown = lastSeenAtMs > Number(now) - RECORD_TTL_MS;
    return { isOnline, rooms: found.sort(), lastSeenAtMs: isKnown ? lastSeenAtMs : null };
  }
}
