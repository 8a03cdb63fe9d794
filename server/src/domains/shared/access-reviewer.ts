import type { Position } from "@grandstand/shared/channels";
import type { Caller } from "../../core/caller.js";
import type { Publisher } from "../../live/source.js";
import { retry } from "./retry.js";
import { roomForbidden } from "./room-access.js";

/** How many users one call of `maySee` checks at most. */
const READERS_PER_RUN = 500;

export type UserCaller = Caller & { kind: "user" };

/** Access to a room. */
export interface ReviewedRoom {
  /** The role that a user's credentials give. Two connections of one user may have different credentials. */
  grantedTo(reader: UserCaller): string;
  /** For each of `readers`, whether the user may see the room. */
  maySee(readers: UserCaller[]): Promise<boolean[]>;
}

/** Ends the local subscriptions of users who lost access to a room. */
export class AccessReviewer {
  readonly #room: ReviewedRoom;
  readonly #publisher: Publisher;
  readonly #position: () => Position | null;
  /** The access version that `note` last received; null from a check until the next `note`. */
  #accessVersion: string | null = null;
  #isClosed = false;

  /** @param position the current position of the feed; null before its first subscriber */
  constructor(room: ReviewedRoom, publisher: Publisher, position: () => Position | null) {
    this.#room = room;
    this.#publisher = publisher;
    this.#position = position;
  }

  /**
   * Receives the room's access version, which is the number of its access changes. Each change is also announced to this
   * node. On an announcement the node calls `check`, which forgets the last access version. So if `note` still
   * knows a last access version and it differs, no announcement of the change has arrived. The announcement may be lost,
   * so all users are checked.
   */
  note(accessVersion: string): void {
    const before = this.#accessVersion;
    this.#accessVersion = accessVersion;
    if (before !== null && before !== accessVersion) this.checkAll();
  }

  checkAll(): void {
    this.check(null);
  }

  /** @param users the ids of the users to check; null for all */
  check(users: string[] | null): void {
    this.#accessVersion = null;
    // A failed check ends no subscription, because Redis may be unavailable. The check is repeated.
    void retry(() => this.#check(users), { isCancelled: () => this.#isClosed, onError: () => {} });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #check(users: string[] | null): Promise<void> {
    const readers = [...this.#localReaders(users && new Set(users))];
    for (let at = 0; at < readers.length; at += READERS_PER_RUN) {
      const run = readers.slice(at, at + READERS_PER_RUN);
      const maySee = await this.#room.maySee(run.map(([, reader]) => reader));
      const position = this.#position();
      if (this.#isClosed) return;
      // The first subscriber is still joining. Its access may have been checked before the access changed, so the
      // error makes `retry` repeat this check.
      if (position === null) throw new Error("the feed has no position yet");
      const refused = new Set(run.filter((_, index) => !maySee[index]).map(([key]) => key));
      if (refused.size === 0) continue;
      this.#publisher.end(
        ({ caller }) => caller.kind === "user" && refused.has(this.#keyOf(caller)),
        position,
        roomForbidden(),
      );
    }
  }

  /** The users with a subscription to the room on this node, one for each id and granted role. */
  #localReaders(users: ReadonlySet<string> | null): Map<string, UserCaller> {
    const readers = new Map<string, UserCaller>();
    for (const { caller } of this.#publisher.connections()) {
      if (caller.kind !== "user" || (users !== null && !users.has(caller.user.id))) continue;
      readers.set(this.#keyOf(caller), caller);
    }
    return readers;
  }

  #keyOf(reader: UserCaller): string {
    return `${this.#room.grantedTo(reader)} ${reader.user.id}`;
  }
}
