import type { Publication } from "@grandstand/shared/channels";
import type { PresenceDigest, PresenceMember } from "@grandstand/shared/events/presence";
import { bytesOf, MESSAGE_BYTES, type MemberRecord, memberOf } from "./member.js";
import { PendingChanges } from "./pending-changes.js";
import type { RoomChange } from "./watched-room.js";

/** A digest, and up to which offset watchers know with it. */
export interface ToldDigest {
  offset: number;
  /** Null when there is no news. */
  digest: PresenceDigest | null;
}

/**
 * The members of a room as watchers were told of them, and what they have yet to be told. Who begins to watch is given
 * what the others know, so that what is told next is news to all.
 */
export class PublishedMembers {
  #told = new Map<string, MemberRecord>();
  readonly #untold = new PendingChanges();
  /** The latest stay of all, and whether they are in the order of their stays. */
  #lastStay = 0;
  #isInOrder = true;

  get size(): number {
    return this.#told.size;
  }

  /** Whether watchers know everything. */
  get isToldAll(): boolean {
    return this.#untold.isEmpty;
  }

  /** Whether the rest of a digest that was too large waits to be told. */
  get hasParts(): boolean {
    return this.#untold.hasParts;
  }

  /** The members to begin with, in the order of their stays. */
  begin(members: Iterable<[string, MemberRecord]>): void {
    this.forget();
    for (const [user, record] of members) this.#put(user, record);
  }

  forget(): void {
    this.#told.clear();
    this.#untold.clear();
    this.#lastStay = 0;
    this.#isInOrder = true;
  }

  /** Takes a change whose telling has to wait. */
  note(change: RoomChange): void {
    this.#untold.note(change);
  }

  /**
   * Takes all members as they were read at an offset: what is to be told is where they differ from what was.
   * @returns false when that is more than one digest should hold
   */
  noteAll(members: ReadonlyMap<string, MemberRecord>, offset: number): boolean {
    const gone = new Set(
      [...this.#told.keys(), ...this.#untold.users()].filter((user) => !members.has(user)),
    );
    this.#untold.clear();
    for (const user of gone) this.#untold.note({ offset, user, record: null });
    for (const [user, record] of members) {
      const before = this.#told.get(user);
      if (!before || !isSame(before, record)) this.#untold.note({ offset, user, record });
      // Its number may be one of another epoch.
      else this.#put(user, record);
    }
    return this.#untold.bytes <= MESSAGE_BYTES;
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

  /**
   * Tells of what waits, each user once: of as many as one message should hold. Also who came and went is said to have
   * left: a page that was read meanwhile may show it.
   * @returns null when nothing waits
   */
  digest(): ToldDigest | null {
    const part = this.#untold.takePart(MESSAGE_BYTES);
    if (part.length === 0) return null;
    const joined: PresenceMember[] = [];
    const left: string[] = [];
    const updated: PresenceMember[] = [];
    const { offset } = part.at(-1)!;
    // In the order of stays, which is not that of the latest changes.
    for (const { user, record } of part.sort((one, other) => stayOf(one) - stayOf(other))) {
      const before = this.#told.get(user);
      if (record === null) {
        this.#told.delete(user);
        left.push(user);
        continue;
      }
      this.#put(user, record);
      if (!before) joined.push(memberOf(user, record));
      else if (!isSame(before, record)) updated.push(memberOf(user, record));
    }
    const isNews = joined.length + left.length + updated.length > 0;
    return { offset, digest: isNews ? { count: this.#told.size, joined, left, updated } : null };
  }

  /**
   * The first of them in the order in which they came, as many as one reply should hold, and the stay of the last one.
   * Pages go on behind that, so nobody may stand behind one who came later.
   */
  first(most: number): { members: PresenceMember[]; lastStay: number } {
    this.#order();
    const members: PresenceMember[] = [];
    let lastStay = 0;
    let bytes = 0;
    for (const [user, record] of this.#told) {
      bytes += bytesOf(user, record);
      if (members.length === most || (members.length > 0 && bytes > MESSAGE_BYTES)) break;
      members.push(memberOf(user, record));
      lastStay = record.stay;
    }
    return { members, lastStay };
  }

  /** A new stay is the last in order. */
  #put(user: string, record: MemberRecord): void {
    if (this.#told.get(user)?.stay !== record.stay) {
      this.#told.delete(user);
      if (record.stay < this.#lastStay) this.#isInOrder = false;
      this.#lastStay = Math.max(this.#lastStay, record.stay);
    }
    this.#told.set(user, record);
  }

  /** Some are told of later than those who came after them. */
  #order(): void {
    if (this.#isInOrder) return;
    const inOrder = [...this.#told].sort(([, one], [, other]) => one.stay - other.stay);
    this.#told = new Map(inOrder);
    this.#lastStay = inOrder.at(-1)?.[1].stay ?? 0;
    this.#isInOrder = true;
  }
}

function stayOf({ record }: Pick<RoomChange, "record">): number {
  return record?.stay ?? 0;
}

function isSame(one: MemberRecord, other: MemberRecord): boolean {
  return one.since === other.since && one.stamp === other.stamp;
}
