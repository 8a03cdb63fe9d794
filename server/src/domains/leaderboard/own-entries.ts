import type { Entry } from "@grandstand/shared/operations/leaderboard";
import type { Subscription } from "../../live/subscription.js";

/** A watcher hears of its own entry at most this often (LB9). */
const INTERVAL_MS = 1_000;
/** How many own entries one read of the board takes along. */
const MEMBERS_PER_READ = 200;

interface OwnEntry {
  readAt: number;
  /** The feed's revision that it was read at. */
  revision: number;
  /** What each watcher was last told, as JSON. */
  told: Map<Subscription, string>;
}

/** Which members' own entries somebody on this node watches, and when each is due to be read. */
export class OwnEntries {
  /** Those read longest ago come first. */
  readonly #members = new Map<string, OwnEntry>();

  /** @param entry what the watcher begins with */
  add(member: string, watcher: Subscription, entry: Entry | null): void {
    const own = this.#members.get(member) ?? { readAt: 0, revision: -1, told: new Map() };
    own.told.set(watcher, JSON.stringify(entry));
    this.#members.set(member, own);
  }

  remove(member: string, watcher: Subscription): void {
    const own = this.#members.get(member);
    own?.told.delete(watcher);
    if (own?.told.size === 0) this.#members.delete(member);
  }

  /** The members that a read beginning now should take along. */
  due(now: number): string[] {
    const members: string[] = [];
    for (const [member, own] of this.#members) {
      if (members.length === MEMBERS_PER_READ || own.readAt + INTERVAL_MS > now) break;
      members.push(member);
    }
    return members;
  }

  /** When the next read is due because the board changed since some own entry was read; null when never. */
  dueAt(revision: number): number | null {
    for (const own of this.#members.values()) {
      return own.revision < revision ? own.readAt + INTERVAL_MS : null;
    }
    return null;
  }

  /** Notes a member's entry as read. @returns the watchers who know another one. */
  note(member: string, entry: Entry | null, readAt: number, revision: number): Subscription[] {
    const own = this.#members.get(member);
    if (!own) return [];
    this.#members.delete(member);
    this.#members.set(member, { ...own, readAt, revision });
    const json = JSON.stringify(entry);
    const behind = [...own.told].filter(([, told]) => told !== json).map(([watcher]) => watcher);
    for (const watcher of behind) own.told.set(watcher, json);
    return behind;
  }
}
