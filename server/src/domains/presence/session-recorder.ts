import type { DomainDependencies } from "../shared/dependencies.js";
import type { PresenceSessionChange } from "../shared/presence-session.js";
import { retryDelay } from "../shared/retry.js";
import type { LocalRooms } from "./local-rooms.js";
import type { MemberRecord } from "./member.js";

/** How many beginnings of presence sessions are recorded at a time, at most. More would block Redis for other callers. */
const CHANGES_PER_RUN = 500;

/** When Redis applied a change, and in which epoch of the room. */
export interface RoomTime {
  epoch: string;
  /** In ms since 1970, by Redis's clock. */
  atMs: number;
}

/**
 * Records the beginnings of presence sessions in the users' own records. A failed write is retried only while a
 * connection of this node holds the user in the room. Otherwise the retry could come after the end of the presence
 * session, and the user would stay recorded as present.
 */
export class SessionRecorder {
  readonly #dependencies: DomainDependencies;
  readonly #rooms: LocalRooms;
  /** Recorded presence sessions, as epoch and join offset, by room and user. */
  readonly #recorded = new Map<string, Map<string, string>>();
  #waiting: PresenceSessionChange[] = [];
  #isRecording = false;

  constructor(dependencies: DomainDependencies, rooms: LocalRooms) {
    this.#dependencies = dependencies;
    this.#rooms = rooms;
  }

  /**
   * Records that the presence sessions of members have begun, unless this node has recorded it already.
   * @param time a time at which Redis had the users as members. It protects the records that this call writes: the end of
   * a presence session before this time may be recorded late, but it does not remove them
   */
  begin(room: string, { epoch, atMs }: RoomTime, members: { user: string; record: MemberRecord }[]): void {
    const recorded = this.#recorded.get(room);
    for (const { user, record } of members) {
      const { joinOffset } = record;
      if (recorded?.get(user) === sessionId({ epoch, joinOffset })) continue;
      this.#waiting.push({ user, room, epoch, joinOffset, ended: false, atMs });
    }
    if (!this.#isRecording) void this.#recordAll();
  }

  /**
   * Forgets which presence sessions are recorded, because Redis may have lost them. The next calls of `begin` record them
   * again.
   * @param room the only room concerned; null for all rooms
   */
  forget(room: string | null = null): void {
    if (room === null) this.#recorded.clear();
    else this.#recorded.delete(room);
  }

  /** Removes from memory the users whom no connection of this node holds in the room. */
  prune(): void {
    for (const [room, recorded] of this.#recorded) {
      for (const user of recorded.keys()) if (!this.#rooms.holds(room, user)) recorded.delete(user);
      if (recorded.size === 0) this.#recorded.delete(room);
    }
  }

  async #recordAll(): Promise<void> {
    this.#isRecording = true;
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.splice(0, CHANGES_PER_RUN);
      try {
        await this.#dependencies.presenceSessions.note(changes);
        for (const change of changes) this.#remember(change);
      } catch (error) {
        this.#dependencies.log.debug({ err: error }, "presence: recording presence sessions failed");
        await retryDelay();
        this.#waiting.unshift(...changes.filter(({ room, user }) => this.#rooms.holds(room, user)));
      }
    }
    this.#isRecording = false;
  }

  #remember(change: PresenceSessionChange): void {
    const recorded = this.#recorded.get(change.room) ?? new Map<string, string>();
    this.#recorded.set(change.room, recorded.set(change.user, sessionId(change)));
  }
}

function sessionId({ epoch, joinOffset }: Pick<PresenceSessionChange, "epoch" | "joinOffset">): string {
  return `${epoch} ${joinOffset}`;
}
