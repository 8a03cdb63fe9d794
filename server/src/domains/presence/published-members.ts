import type { Publication } from "@grandstand/shared/channels";
import type { PresenceDigest, PresenceMember } from "@grandstand/shared/events/presence";
import { bytesOf, MESSAGE_BYTES, type MemberRecord, memberOf } from "./member.js";
import type { RoomChange } from "./room-state.js";

/** A digest: the joins, leaves and updates of several members in one publication. */
export interface PublishedDigest {
  /** Once subscribers have received the digest, they know all changes up to this offset. */
  offset: number;
  /** Null when nothing changed for subscribers. */
  digest: PresenceDigest | null;
}

/**
 * The members of a room as subscribers have received them, and the changes that are pending. A new subscriber
 * receives the published members without the pending changes. So all subscribers know the same members, and the next
 * publication is right for each of them.
 */
export class PublishedMembers {
  #published = new Map<string, MemberRecord>();
  readonly #pending = new PendingChanges();
  /** The greatest join offset so far. */
  #lastJoinOffset = 0;
  /** Whether `#published` is in the order of the join offsets. */
  #isInOrder = true;

  get size(): number {
    return this.#published.size;
  }

  /** Whether no change is pending. */
  get isUpToDate(): boolean {
    return this.#pending.isEmpty;
  }

  /** Whether a digest was too large for one message and some of its parts are not published yet. */
  get hasParts(): boolean {
    return this.#pending.hasParts;
  }

  /** @param members in the order of their join offsets */
  begin(members: Iterable<[string, MemberRecord]>): void {
    this.clear();
    for (const [user, record] of members) this.#put(user, record);
  }

  clear(): void {
    this.#published.clear();
    this.#pending.clear();
    this.#lastJoinOffset = 0;
    this.#isInOrder = true;
  }

  /** Adds a change for the next digest. */
  add(change: PendingChange): void {
    this.#pending.add(change);
  }

  /**
   * Replaces the pending changes by the difference between
   * the published members and `members`, read from Redis.
   * @param offset the offset of the room when it was read
   * @returns false when one digest can't contain the difference
   */
  addDifference(members: ReadonlyMap<string, MemberRecord>, offset: number): boolean {
    const gone = new Set(
      [...this.#published.keys(), ...this.#pending.users()].filter((user) => !members.has(user)),
    );
    this.#pending.clear();
    for (const user of gone) this.#pending.add({ offset, user, record: null });
    for (const [user, record] of members) {
      const before = this.#published.get(user);
      if (!before || !isSame(before, record)) this.#pending.add({ offset, user, record });
      // Nothing is published, because subscribers would see no change. But the join offset in `#published` may be of an
      // earlier epoch (the room's data in Redis was lost), so the record is replaced.
      else this.#put(user, record);
    }
    return this.#pending.bytes <= MESSAGE_BYTES;
  }

  /** Publishes one change. @returns null when nothing changes for subscribers */
  publish({ offset, user, record }: PendingChange): Publication | null {
    const before = this.#published.get(user);
    if (record === null) {
      return this.#published.delete(user) ? { offset, event: "presence.left", data: { user } } : null;
    }
    this.#put(user, record);
    if (before && isSame(before, record)) return null;
    return { offset, event: before ? "presence.updated" : "presence.joined", data: memberOf(user, record) };
  }

  /**
   * Publishes pending changes, as many as one message should contain. A user who joined and left since the last digest is in
   * `left`, because a client may have read a page with the user in the meantime.
   * @returns null when nothing is pending
   */
  publishDigest(): PublishedDigest | null {
    const part = this.#pending.takePart(MESSAGE_BYTES);
    if (part.length === 0) return null;
    const joined: PresenceMember[] = [];
    const left: string[] = [];
    const updated: PresenceMember[] = [];
    const { offset } = part.at(-1)!;
    // `#put` appends users who joined. This loop puts them in the order of their join offsets, so that
    // `first` rarely has to sort `#published`.
    for (const { user, record } of part.sort((one, other) => joinOffsetOf(one) - joinOffsetOf(other))) {
      const before = this.#published.get(user);
      if (record === null) {
        this.#published.delete(user);
        left.push(user);
        continue;
      }
      this.#put(user, record);
      if (!before) joined.push(memberOf(user, record));
      else if (!isSame(before, record)) updated.push(memberOf(user, record));
    }
    const isNews = joined.length + left.length + updated.length > 0;
    return { offset, digest: isNews ? { count: this.#published.size, joined, left, updated } : null };
  }

  /**
   * The first published members by join offset, as many as one reply should contain. The next page begins after the last of
   * these members, so the order must be exact.
   */
  first(limit: number): { members: PresenceMember[]; lastJoinOffset: number } {
    this.#sort();
    const members: PresenceMember[] = [];
    let lastJoinOffset = 0;
    let bytes = 0;
    for (const [user, record] of this.#published) {
      bytes += bytesOf(user, record);
      if (members.length === limit || (members.length > 0 && bytes > MESSAGE_BYTES)) break;
      members.push(memberOf(user, record));
      lastJoinOffset = record.joinOffset;
    }
    return { members, lastJoinOffset };
  }

  /** Sets the record of a user. If the user has joined again, the user moves to the end of `#published`. */
  #put(user: string, record: MemberRecord): void {
    if (this.#published.get(user)?.joinOffset !== record.joinOffset) {
      this.#published.delete(user);
      if (record.joinOffset < this.#lastJoinOffset) this.#isInOrder = false;
      this.#lastJoinOffset = Math.max(this.#lastJoinOffset, record.joinOffset);
    }
    this.#published.set(user, record);
  }

  #sort(): void {
    if (this.#isInOrder) return;
    const inOrder = [...this.#published].sort(([, one], [, other]) => one.joinOffset - other.joinOffset);
    this.#published = new Map(inOrder);
    this.#lastJoinOffset = inOrder.at(-1)?.[1].joinOffset ?? 0;
    this.#isInOrder = true;
  }
}

/** The latest change of a user. `record` is null if the user left. */
export type PendingChange = Pick<RoomChange, "user" | "record" | "offset">;

/**
 * The latest pending change of each user. The changes are taken in parts, in the order of their offsets. After each part,
 * subscribers have received every change up to the part's last offset. New changes wait until all parts are taken, so that a
 * user who changes often does not delay the changes of others.
 */
class PendingChanges {
  #parts: PendingChange[] = [];
  readonly #later = new Map<string, PendingChange>();

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#later.size === 0;
  }

  get hasParts(): boolean {
    return this.#parts.length > 0;
  }

  /** About how many bytes all changes take in a message. */
  get bytes(): number {
    let bytes = 0;
    for (const { user, record } of [...this.#parts, ...this.#later.values()]) bytes += bytesOf(user, record);
    return bytes;
  }

  add({ user, record, offset }: PendingChange): void {
    // A Map keeps the place of a key that is set again. The user is deleted first, so that this change comes last.
    this.#later.delete(user);
    this.#later.set(user, { user, record, offset });
  }

  *users(): Iterable<string> {
    for (const { user } of this.#parts) yield user;
    yield* this.#later.keys();
  }

  clear(): void {
    this.#parts = [];
    this.#later.clear();
  }

  /** Takes changes of about `limitBytes`: at least one change, and always all changes that have the same offset. */
  takePart(limitBytes: number): PendingChange[] {
    if (this.#parts.length === 0) {
      this.#parts = [...this.#later.values()];
      this.#later.clear();
    }
    let bytes = 0;
    const end = this.#parts.findIndex((change, at) => {
      bytes += bytesOf(change.user, change.record);
      return at > 0 && bytes > limitBytes && change.offset !== this.#parts[at - 1]!.offset;
    });
    return this.#parts.splice(0, end < 0 ? this.#parts.length : end);
  }
}

function joinOffsetOf({ record }: Pick<RoomChange, "record">): number {
  return record?.joinOffset ?? 0;
}

function isSame(one: MemberRecord, other: MemberRecord): boolean {
  return one.since === other.since && one.stamp === other.stamp;
}
