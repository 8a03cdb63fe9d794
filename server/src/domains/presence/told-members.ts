import type { Publication } from "@grandstand/shared/channels";
import type { PresenceDigest, PresenceMember } from "@grandstand/shared/events/presence";
import { type MemberRecord, memberOf } from "./member.js";
import type { RoomChange } from "./watched-room.js";

/** About how many bytes of members one reply holds. */
const SNAPSHOT_BYTES = 131_072;

/**
 * The members of a room as watchers were told of them, in the order in which they came, and what they have yet to be
 * told. Who begins to watch is given what the others know, so that what is told next is news to all.
 */
export class ToldMembers {
  readonly #told = new Map<string, MemberRecord>();
  /** The latest of each user of whom there is something to tell; null for one who left. */
  readonly #pending = new Map<string, MemberRecord | null>();

  get size(): number {
    return this.#told.size;
  }

  /** The members to begin with. */
  begin(members: Iterable<[string, MemberRecord]>): void {
    this.forget();
    for (const [user, record] of members) this.#told.set(user, record);
  }

  forget(): void {
    this.#told.clear();
    this.#pending.clear();
  }

  /** Takes a change whose telling has to wait. */
  note({ user, record }: RoomChange): void {
    this.#pending.set(user, record);
  }

  /** Takes all members as they were read: what is to be told is where they differ from what was. */
  noteAll(members: ReadonlyMap<string, MemberRecord>): void {
    this.#pending.clear();
    for (const user of this.#told.keys()) if (!members.has(user)) this.#pending.set(user, null);
    for (const [user, record] of members) this.#pending.set(user, record);
  }

  /** Tells of one change by itself. @returns null when it is no news */
  tell({ offset, user, record }: RoomChange): Publication | null {
    const before = this.#told.get(user);
    if (record === null) {
      return this.#told.delete(user) ? { offset, event: "presence.left", data: { user } } : null;
    }
    this.#put(user, record);
    if (before && isSame(before, record)) return null;
    return { offset, event: before ? "presence.updated" : "presence.joined", data: memberOf(user, record) };
  }

  /** Tells of all that waits, each user once. @returns null when there is no news */
  digest(count: number): PresenceDigest | null {
    const digest: PresenceDigest = { count, joined: [], left: [], updated: [] };
    for (const [user, record] of this.#inOrder()) {
      const before = this.#told.get(user);
      if (record === null) {
        if (this.#told.delete(user)) digest.left.push(user);
        continue;
      }
      this.#put(user, record);
      if (!before) digest.joined.push(memberOf(user, record));
      else if (!isSame(before, record)) digest.updated.push(memberOf(user, record));
    }
    this.#pending.clear();
    const { joined, left, updated } = digest;
    return joined.length + left.length + updated.length > 0 ? digest : null;
  }

  /** The first of them, as many as one reply should hold, and the stay of the last one. */
  first(most: number): { members: PresenceMember[]; lastStay: number } {
    const members: PresenceMember[] = [];
    let lastStay = 0;
    let bytes = 0;
    for (const [user, record] of this.#told) {
      bytes += record.state.length + record.profile.length + user.length;
      if (members.length === most || (members.length > 0 && bytes > SNAPSHOT_BYTES)) break;
      members.push(memberOf(user, record));
      lastStay = record.stay;
    }
    return { members, lastStay };
  }

  /**
   * What waits, in the order of stays: it is noted in the order of each user's first change. Pages go on behind the last
   * stay of a snapshot, so nobody may stand behind one who came later.
   */
  #inOrder(): [string, MemberRecord | null][] {
    return [...this.#pending].sort(([, one], [, other]) => (one?.stay ?? 0) - (other?.stay ?? 0));
  }

  /** A new stay is the last in order. */
  #put(user: string, record: MemberRecord): void {
    if (this.#told.get(user)?.stay !== record.stay) this.#told.delete(user);
    this.#told.set(user, record);
  }
}

function isSame(one: MemberRecord, other: MemberRecord): boolean {
  return one.since === other.since && one.stamp === other.stamp;
}
