import { setTimeout } from "node:timers/promises";
import type { Position } from "@grandstand/shared/channels";
import type { Caller } from "../../core/caller.js";
import type { Publisher } from "../../live/source.js";
import { roomForbidden } from "./room-access.js";

/** How soon a check that failed is tried again. */
const RETRY_MS = 500;
/** Readers that are looked up in one script. */
const READERS_PER_RUN = 500;

export type UserCaller = Caller & { kind: "user" };

/** A room, as far as it says who may see it. */
export interface ReviewedRoom {
  /** What a user's credentials make of it here: of one user, two connections may be allowed different things. */
  grantedTo(reader: UserCaller): string;
  /** Whether each of some users may see it. */
  maySee(readers: UserCaller[]): Promise<boolean[]>;
}

/** Ends the local subscriptions to a channel of a room of those who may not see it any more. */
export class AccessReviewer {
  readonly #seen: ReviewedRoom;
  readonly #publisher: Publisher;
  readonly #position: () => Position | null;
  /** The last change of access that was looked at; null when it has to be asked. */
  #access: string | null = null;
  #isClosed = false;

  constructor(seen: ReviewedRoom, publisher: Publisher, position: () => Position | null) {
    this.#seen = seen;
    this.#publisher = publisher;
    this.#position = position;
  }

  /** What the room's counter of changes says: another number than before means that a notice was missed. */
  note(access: string): void {
    const before = this.#access;
    this.#access = access;
    if (before !== null && before !== access) this.checkAll();
  }

  checkAll(): void {
    this.check(null);
  }

  /** @param users null for all of them */
  check(users: string[] | null): void {
    this.#access = null;
    void this.#checkUntilDone(users);
  }

  close(): void {
    this.#isClosed = true;
  }

  async #checkUntilDone(users: string[] | null): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#check(users);
        return;
      } catch {
        // Nobody may stay who has to go only because Redis is away.
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #check(users: string[] | null): Promise<void> {
    const asked = [...this.#localReaders(users && new Set(users))];
    for (let at = 0; at < asked.length; at += READERS_PER_RUN) {
      const some = asked.slice(at, at + READERS_PER_RUN);
      const maySee = await this.#seen.maySee(some.map(([, reader]) => reader));
      const position = this.#position();
      if (this.#isClosed) return;
      // Who is about to be taken in was looked at before, perhaps: it has to be looked at again.
      if (position === null) throw new Error("nobody has joined yet");
      const gone = new Set(some.filter((_, index) => !maySee[index]).map(([key]) => key));
      if (gone.size === 0) continue;
      this.#publisher.end(
        ({ caller }) => caller.kind === "user" && gone.has(this.#keyOf(caller)),
        position,
        roomForbidden(),
      );
    }
  }

  /** Those who follow the room here, each once. */
  #localReaders(users: ReadonlySet<string> | null): Map<string, UserCaller> {
    const readers = new Map<string, UserCaller>();
    for (const { caller } of this.#publisher.connections()) {
      if (caller.kind !== "user" || (users !== null && !users.has(caller.user.id))) continue;
      readers.set(this.#keyOf(caller), caller);
    }
    return readers;
  }

  #keyOf(reader: UserCaller): string {
    return `${this.#seen.grantedTo(reader)} ${reader.user.id}`;
  }
}
