import { setTimeout } from "node:timers/promises";
import type { Position } from "@grandstand/shared/channels";
import type { Caller } from "../../calls/caller.js";
import type { Outlet } from "../../live/source.js";
import { hidden } from "./refusals.js";
import { readersScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** How soon a check that failed is tried again. */
const RETRY_MS = 500;
/** Readers that are looked up in one script. */
const READERS_PER_RUN = 500;

type Reader = Caller & { kind: "user" };

/** Ends the local subscriptions of those who may not see a room any more. */
export class Readers {
  readonly #store: RoomStore;
  readonly #outlet: Outlet;
  readonly #position: () => Position | null;
  /** The last change of access that was looked at; null when it has to be asked. */
  #access: string | null = null;
  #isClosed = false;

  constructor(store: RoomStore, outlet: Outlet, position: () => Position | null) {
    this.#store = store;
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
      const args = some.flatMap(([, reader]) => [reader.user.id, this.#store.roleGrantedTo(reader)]);
      const answers = await this.#store.runForNode(readersScript, args);
      const position = this.#position();
      if (this.#isClosed) return;
      // Who is about to be taken in was looked at before, perhaps: it has to be looked at again.
      if (position === null) throw new Error("nobody has joined yet");
      const isGone = (reader: Reader, index: number) =>
        answers[index] === "0" || this.#store.isOutsider(reader);
      const gone = new Set(some.filter(([, reader], index) => isGone(reader, index)).map(([key]) => key));
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

  /** Of one user, two connections may be allowed different things. */
  #keyOf(reader: Reader): string {
    return `${this.#store.roleGrantedTo(reader)} ${reader.user.id}`;
  }
}
