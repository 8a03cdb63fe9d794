import type { Position, Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardUpdated,
  LeaderboardView,
} from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { SeasonChoice } from "@grandstand/shared/operations/leaderboard/windows";
import type { Logger } from "pino";
import { CoalescedRead } from "../../live/coalesced-read.js";
import type { JoinResult, Publisher } from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import { MEMBERS_PER_READ, OwnEntries } from "./own-entries.js";
import { isoOrNull } from "./season-record.js";
import {
  changedEntries,
  readFinal,
  readSnapshot,
  type SnapshotReading,
  type WindowSnapshot,
} from "./snapshot.js";
import type { BoardStore } from "./store.js";

/**
 * The least time between two reads of a board. A change within NOTICE_MS (notify.lua) after a notice has no notice of its
 * own. So a feed reads the board again INTERVAL_MS after each notice. INTERVAL_MS must be longer than NOTICE_MS, so that this
 * read sees all such changes.
 */
const INTERVAL_MS = 100;
const RETRY_MS = 500;
/**
 * How many new subscribers' own entries one read includes at most. An own entry is the entry of the subscribed user.
 * The same read also includes own entries of current watchers, at most MEMBERS_PER_READ.
 */
const REQUESTED_MEMBERS_PER_READ = 500 - MEMBERS_PER_READ;
/**
 * A read returns the closed seasons whose close has an offset above `afterClosing`. No offset is above this value, so a read
 * with this value returns no closed seasons.
 */
const NO_PAST_CLOSING = Number.MAX_SAFE_INTEGER;

interface Watcher {
  top: number;
  /** The member whose own entry the subscriber watches in addition to the top; null for none. */
  member: string | null;
}

const topWatchers = new Map<number, Watcher>();

/** Returns one shared object for all watchers of the same top without an own entry: there may be very many such watchers. */
function topWatcher(top: number): Watcher {
  const watcher = topWatchers.get(top) ?? { top, member: null };
  topWatchers.set(top, watcher);
  return watcher;
}

/** The state that the feed published last. */
type Published =
  /** The feed has not read the board yet. */
  | { kind: "nothing" }
  /** There is no such board or window. `end` is the position of its deletion; null if the feed has never found the board. */
  | { kind: "missing"; end: Position | null }
  | { kind: "found"; snapshot: WindowSnapshot };

function positionOf(published: Published): Position | null {
  if (published.kind === "nothing") return null;
  if (published.kind === "missing") return published.end;
  const { epoch, offset } = published.snapshot;
  return { epoch, offset };
}

function snapshotIn(published: Published): WindowSnapshot | null {
  return published.kind === "found" ? published.snapshot : null;
}

/**
 * Follows one window of a board for the watchers on this node. With `where`, it follows only the window's entries that have
 * one value of a metadata field. When the board may have changed, the feed reads it, compares it with what it published last,
 * and publishes the difference. It reads at most once per `INTERVAL_MS`, whatever the number of watchers and changes.
 */
export class WindowFeed {
  readonly #name: string;
  readonly #choice: SeasonChoice;
  readonly #store: BoardStore;
  readonly #publisher: Publisher;
  readonly #watchers = new Map<Subscription, Watcher>();
  /** For each number of watched entries (`top`), the number of watchers. */
  readonly #tops = new Map<number, number>();
  readonly #ownEntries = new OwnEntries();
  /** A request for a read names the member whose own entry the new subscriber watches; null for none. */
  readonly #reads: CoalescedRead<string | null, SnapshotReading>;
  #published: Published = { kind: "nothing" };
  /** Counts the changes of `#published`. */
  #revision = 0;
  #isClosed = false;

  /**
   * @param name unique for the board, window and `where`
   * @param choice the window (by default the board's first), and `where`: one value of a metadata field
   */
  constructor(name: string, choice: SeasonChoice, store: BoardStore, publisher: Publisher, log: Logger) {
    this.#name = name;
    this.#choice = choice;
    this.#store = store;
    this.#publisher = publisher;
    this.#reads = new CoalescedRead({
      intervalMs: INTERVAL_MS,
      retryMs: RETRY_MS,
      read: (members, startedAt) => this.#read(members, startedAt),
      onFailure: (error) => log.warn({ err: error, channel: name }, "Reading a watched leaderboard failed"),
      costOf: (member) => (member === null ? 0 : 1),
      maxCost: REQUESTED_MEMBERS_PER_READ,
    });
    // The last notice may have been published before this node subscribed to the topic. Changes within NOTICE_MS
    // after that notice have no notice of their own, so they need another read.
    this.#reads.schedule("silent changes", performance.now() + INTERVAL_MS);
  }

  get isEmpty(): boolean {
    return this.#watchers.size === 0;
  }

  /** Like `Feed.join`. */
  async join(subscriber: Subscription, { top, me }: LeaderboardView): Promise<JoinResult> {
    const member = me ? memberOf(subscriber) : null;
    this.#watch(subscriber, member === null ? topWatcher(top) : { top, member });
    try {
      const { snapshot, members } = await this.#currentReading(top, member);
      subscriber.stateTaken();
      if (snapshot === null) throw new GrandstandError("not_found", "There is no such board or window");
      const ownEntry = member === null ? undefined : (members.get(member) ?? null);
      if (member !== null && ownEntry !== undefined && this.#watchers.has(subscriber)) {
        this.#ownEntries.add(member, subscriber, ownEntry);
      }
      return {
        group: this.#groupOf(top),
        position: { epoch: snapshot.epoch, offset: snapshot.offset },
        recovered: false,
        snapshot: {
          entries: snapshot.lines.slice(0, top).map((line) => line.entry),
          total: snapshot.total,
          season: snapshot.season,
          seasonEndsAt: isoOrNull(snapshot.seasonEndsAtMs),
          ...(ownEntry !== undefined && { me: ownEntry }),
        },
      };
    } catch (error) {
      this.leave(subscriber);
      throw error;
    }
  }

  leave(subscriber: Subscription): void {
    const watcher = this.#watchers.get(subscriber);
    if (!watcher) return;
    this.#watchers.delete(subscriber);
    const left = this.#tops.get(watcher.top)! - 1;
    if (left > 0) this.#tops.set(watcher.top, left);
    else this.#tops.delete(watcher.top);
    if (watcher.member !== null) this.#ownEntries.remove(watcher.member, subscriber);
  }

  close(): void {
    this.#isClosed = true;
    this.#reads.close();
  }

  /** Reads the board now, and again after the time in which changes have no notice of their own. */
  expectChanges(): void {
    const now = performance.now();
    this.#reads.schedule("change", now);
    this.#reads.schedule("silent changes", now + INTERVAL_MS);
  }

  #watch(subscriber: Subscription, watcher: Watcher): void {
    this.#watchers.set(subscriber, watcher);
    this.#tops.set(watcher.top, (this.#tops.get(watcher.top) ?? 0) + 1);
  }

  #groupOf(top: number): string {
    return `${this.#name}|${top}`;
  }

  /**
   * Reads the board for a new subscriber. A subscriber that watches no own entry gets the last published snapshot instead,
   * if that snapshot is recent and has enough entries.
   */
  async #currentReading(
    top: number,
    member: string | null,
  ): Promise<Pick<SnapshotReading, "snapshot" | "members">> {
    const snapshot = snapshotIn(this.#published);
    const isRecent = performance.now() - this.#reads.startedAt < INTERVAL_MS;
    if (member === null && isRecent && snapshot !== null && top <= snapshot.top) {
      return { snapshot, members: new Map<string, Entry | null>() };
    }
    return this.#reads.request(member);
  }

  async #read(requested: (string | null)[], startedAt: number): Promise<SnapshotReading> {
    const members = new Set(this.#ownEntries.due(startedAt));
    for (const member of requested) if (member !== null) members.add(member);
    const last = snapshotIn(this.#published);
    const reading = await readSnapshot(this.#store, this.#choice, {
      top: Math.max(0, ...this.#tops.keys()),
      members: [...members],
      last,
      afterClosing: last?.offset ?? NO_PAST_CLOSING,
      isFollowed: this.#published.kind !== "nothing",
    });
    const closings = await this.#closingsOf(reading);
    if (!this.#isClosed) {
      this.#publish(reading, closings, startedAt);
      this.#scheduleReads(reading, startedAt);
    }
    return reading;
  }

  #scheduleReads({ endsInMs }: SnapshotReading, startedAt: number): void {
    if (endsInMs === null) this.#reads.cancel("season end");
    else this.#reads.schedule("season end", startedAt + endsInMs);
    const ownEntryDueAt = this.#ownEntries.dueAt(this.#revision);
    if (ownEntryDueAt === null) this.#reads.cancel("own entry");
    else this.#reads.schedule("own entry", ownEntryDueAt);
  }

  /** One publication for each season that was closed since the last read. */
  async #closingsOf({ snapshot, closed }: SnapshotReading): Promise<Publication[]> {
    const finals = await Promise.all(
      closed.map((season) => readFinal(this.#store, season, this.#choice.where)),
    );
    return finals.map((final, at): Publication => {
      const next = finals[at + 1]?.closed ?? {
        season: snapshot?.season ?? "",
        endsAt: isoOrNull(snapshot?.seasonEndsAtMs ?? null),
      };
      const data: LeaderboardSeasonClosed = { ...final, next: { season: next.season, endsAt: next.endsAt } };
      return { offset: closed[at]!.closingOffset!, event: "leaderboard.season_closed", data };
    });
  }

  #publish({ snapshot, members }: SnapshotReading, closings: Publication[], startedAt: number): void {
    const before = snapshotIn(this.#published);
    this.#published =
      snapshot === null
        ? // A deleted board has no offset. Its deletion gets the offset after the last one that was published.
          {
            kind: "missing",
            end: before ? { epoch: before.epoch, offset: before.offset + 1 } : positionOf(this.#published),
          }
        : { kind: "found", snapshot };
    const position = positionOf(this.#published);
    if (position === null) return;
    const { epoch, offset } = position;
    if (closings.length > 0) this.#publishToAll(epoch, closings);
    if (needsResync(before, snapshot, closings.length)) {
      this.#revision += 1;
      const data = { reason: "skipped" };
      this.#publishToAll(epoch, [
        { offset: Math.max(offset, before?.offset ?? 0), event: "channel.resync", data },
      ]);
    } else if (before?.epoch !== snapshot?.epoch || before?.offset !== snapshot?.offset) {
      this.#revision += 1;
      const rows = changedEntries(before, snapshot);
      for (const top of this.#tops.keys()) this.#publishTop(top, before, snapshot, rows, position);
    }
    for (const [member, entry] of members) {
      const data: LeaderboardMe = { entry };
      for (const watcher of this.#ownEntries.note(member, entry, startedAt, this.#revision)) {
        this.#publisher.publishTo(watcher, epoch, [{ offset, event: "leaderboard.me", data }]);
      }
    }
  }

  #publishToAll(epoch: string, publications: Publication[]): void {
    for (const top of this.#tops.keys()) this.#publisher.publish(this.#groupOf(top), epoch, publications);
  }

  #publishTop(
    top: number,
    before: WindowSnapshot | null,
    after: WindowSnapshot | null,
    changed: Entry[],
    { epoch, offset }: Position,
  ): void {
    const rows = changed.filter((entry) => entry.rank <= top);
    const isReplaced = after?.epoch !== before?.epoch || after?.season !== before?.season;
    const total = after?.total ?? 0;
    if (rows.length === 0 && total === (before?.total ?? 0) && !isReplaced) return;
    const data: LeaderboardUpdated = { total, length: Math.min(top, total), rows };
    this.#publisher.publish(this.#groupOf(top), epoch, [{ offset, event: "leaderboard.updated", data }]);
  }
}

/**
 * Whether subscribers have to subscribe again, because no update leads from one snapshot to the other: Redis lost data, or
 * new rules changed the season. Updates do not contain the season; the reply to a subscription does.
 */
function needsResync(before: WindowSnapshot | null, after: WindowSnapshot | null, closings: number): boolean {
  if (before === null || after === null) return false;
  const isOtherSeason = before.season !== after.season || before.seasonEndsAtMs !== after.seasonEndsAtMs;
  const isOlder = before.epoch === after.epoch && after.offset < before.offset;
  return isOlder || (isOtherSeason && closings === 0);
}

/** @throws {GrandstandError} `bad_request` when the caller is not a user */
function memberOf(subscriber: Subscription): string {
  const { caller } = subscriber.connection;
  if (caller.kind === "user") return caller.user.id;
  throw new GrandstandError("bad_request", "view.me needs a caller that is a user", {
    issues: [{ path: "view.me", rule: "user", message: "needs a caller that is a user" }],
  });
}
