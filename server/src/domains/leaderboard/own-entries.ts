import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Subscription } from "../../live/subscription.js";

/** The least time between two publications of a member's own entry. */
const INTERVAL_MS = 1_000;
/** How many own entries one read of the board includes at most. */
export const MEMBERS_PER_READ = 200;

interface OwnEntry {
  /** The entry is not published again before this time. */
  readyAt: number;
  /** The revision of the board's feed when the entry was read. */
  revision: number;
  /** The entry that each watcher received last, as JSON. */
  published: Map<Subscription, string>;
}

/** Members who watch their own entries through this node, and when each entry is due to be read. */
export class OwnEntries {
  /** In the order in which their entries were last read, the oldest read first. */
  readonly #members = new Map<string, OwnEntry>();

  /** @param entry the entry in the watcher's snapshot */
  add(member: string, watcher: Subscription, entry: Entry | null): void {
    const own = this.#members.get(member) ?? { readyAt: 0, revision: -1, published: new Map() };
    own.published.set(watcher, JSON.stringify(entry));
    this.#members.set(member, own);
  }

  remove(member: string, watcher: Subscription): void {
    const own = this.#members.get(member);
    own?.published.delete(watcher);
    if (own?.published.size === 0) this.#members.delete(member);
  }

  /** The members that a read which begins now should include. */
  due(now: number): string[] {
    const members: string[] = [];
    for (const [member, own] of this.#members) {
      if (members.length === MEMBERS_PER_READ) break;
      if (own.readyAt <= now) members.push(member);
    }
    return members;
  }

  /** The earliest `readyAt` of members whose entries were last read before `revision`; null for no such members. */
  dueAt(revision: number): number | null {
    let earliest: number | null = null;
    for (const own of this.#members.values()) {
      if (own.revision < revision) earliest = Math.min(earliest ?? own.readyAt, own.readyAt);
    }
    return earliest;
  }

  /**
   * Records that a member's entry was read. Does nothing before the entry's `readyAt`: a later read includes the member.
   * @returns the watchers that have to receive the entry
   */
  note(member: string, entry: Entry | null, now: number, revision: number): Subscription[] {
    const own = this.#members.get(member);
    if (!own || own.readyAt > now) return [];
    this.#members.delete(member);
    this.#members.set(member, own);
    own.revision = revision;
    const json = JSON.stringify(entry);
    const outdated = [...own.published].filter(([, last]) => last !== json).map(([watcher]) => watcher);
    for (const watcher of outdated) own.published.set(watcher, json);
    if (outdated.length > 0) own.readyAt = now + INTERVAL_MS;
    return outdated;
  }
}
