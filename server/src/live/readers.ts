import { setTimeout } from "node:timers/promises";
import type { Position } from "@grandstand/shared/channels";
import { hidden } from "../calls/room-access.js";
import type { Outlet } from "./source.js";

/** How soon a check that failed is tried again. */
const RETRY_MS = 500;
/** Users that are looked up in one script. */
const USERS_PER_RUN = 500;

/** Whether each of some users may see the room. */
export type MaySee = (users: string[]) => Promise<boolean[]>;

/** Ends the local subscriptions to a channel of a room of those who may not see it any more. */
export class Readers {
  readonly #maySee: MaySee;
  readonly #outlet: Outlet;
  readonly #position: () => Position | null;
  /** The last change of access that was looked at; null when it has to be asked. */
  #access: string | null = null;
  #isClosed = false;

  constructor(maySee: MaySee, outlet: Outlet, position: () => Position | null) {
    this.#maySee = maySee;
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
        await this.#check(users ?? this.#localUsers());
        return;
      } catch {
        // Nobody may stay who has to go only because Redis is away.
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #check(users: string[]): Promise<void> {
    const local = new Set(this.#localUsers());
    const asked = users.filter((user) => local.has(user));
    for (let at = 0; at < asked.length; at += USERS_PER_RUN) {
      const some = asked.slice(at, at + USERS_PER_RUN);
      const answers = await this.#maySee(some);
      const position = this.#position();
      if (this.#isClosed) return;
      // Who is about to be taken in was looked at before, perhaps: it has to be looked at again.
      if (position === null) throw new Error("nobody has joined yet");
      const gone = new Set(some.filter((_, index) => !answers[index]));
      if (gone.size === 0) continue;
      this.#outlet.end(
        ({ caller }) => caller.kind === "user" && gone.has(caller.user.id),
        position,
        hidden(),
      );
    }
  }

  #localUsers(): string[] {
    const users = new Set<string>();
    for (const { caller } of this.#outlet.connections())
      if (caller.kind === "user") users.add(caller.user.id);
    return [...users];
  }
}
