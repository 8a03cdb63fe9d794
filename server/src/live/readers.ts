import { setTimeout } from "node:timers/promises";
import type { Position } from "@grandstand/shared/channels";
import type { Caller } from "../calls/caller.js";
import { hidden } from "../calls/room-access.js";
import type { Outlet } from "./source.js";

/** How soon a check that failed is tried again. */
const RETRY_MS = 500;
/** Readers that are looked up in one script. */
const READERS_PER_RUN = 500;

export type Reader = Caller & { kind: "user" };

/** A room, as far as it says who may see it. */
export interface Seen {
  /** What a user's credentials make of it here: of one user, two connections may be allowed different things. */
  grantedTo(reader: Reader): string;
  /** Whether each of some users may see it. */
  maySee(readers: Reader[]): Promise<boolean[]>;
}

/** Ends the local subscriptions to a channel of a room of those who may not see it any more. */
export class Readers {
  readonly #seen: Seen;
  readonly #outlet: Outlet;
  readonly #position: () => Position | null;
  /** The last change of access that was looked at; null when it has to be asked. */
  #access: string | null = null;
  #isClosed = false;

  constructor(seen: Seen, outlet: Outlet, position: () => Position | null) {
    this.#seen = seen;
    this.#outlet = outlet;
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
      this.#outlet.end(
        ({ caller }) => caller.kind === "user" && gone.has(this.#keyOf(caller)),
        position,
        hidden(),
      );
    }
  }

  /** Those who follow the room here, each once. */
  #localReaders(users: ReadonlySet<string> | null): Map<string, Reader> {
    const readers = new Map<string, Reader>();
    for (const { caller } of this.#outlet.connections()) {
      if (caller.kind !== "user" || (users !== null && !users.has(caller.user.id))) continue;
      readers.set(this.#keyOf(caller), caller);
    }
    return readers;
  }

  #keyOf(reader: Reader): string {
    return `${this.#seen.grantedTo(reader)} ${reader.user.id}`;
  }
}
