import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Subscription } from "../../live/subscription.js";

/** A watcher hears of its own entry at most this often (LB9). */
const INTERVAL_MS = 1_000;
/** How many own entries one read of the board takes along. */
const MEMBERS_PER_READ = 200;

interface OwnEntry {
  /** Not to be told of again before then. */
  readyAt: number;
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
    const own = this.#members.get(member) ?? { readyAt: 0, revision: -1, told: new Map() };
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
      if (members.length === MEMBERS_PER_READ) break;
      if (own.readyAt <= now) members.push(member);
    }
    return members;
  }

  /** When the next read is due because the board changed since some own entry was read; null when never. */
  dueAt(revision: number): number | null {
    let earliest: number | null = null;
    for (const own of this.#members.values()) {
      if (own.revision < revision) earliest = Math.min(earliest ?? own.readyAt, own.readyAt);
    }
    return earliest;
  }

  /** Notes a member's entry as read. @returns the watchers who know another one and are to be told. */
  note(member: string, entry: Entry | null, now: number, revision: number): Subscription[] {
    const own = this.#members.get(member);
    if (!own || own.readyAt > now) return [];
    this.#members.delete(member);
    this.#members.set(member, own);
    own.revision = revision;
    const json = JSON.stringify(entry);
    const behind = [...own.told].filter(([, told]) => told !== json).map(([watcher]) => watcher);
    for (const watcher of behind) own.told.set(watcher, json);
    if (behind.length > 0) own.readyAt = now + INTERVAL_MS;
    return behind;
  }
}
