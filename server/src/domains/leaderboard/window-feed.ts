import type { Position, Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardUpdated,
  LeaderboardView,
} from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Logger } from "pino";
import type { JoinResult, Publisher } from "../../live/source.js";
import { endedEarly, type Subscription } from "../../live/subscription.js";
import { OwnEntries } from "./own-entries.js";
import { isoOrNull } from "./season-record.js";
import type { BoardStore } from "./store.js";
import { type BoardView, changedEntries, noView, readFinal, readView, type ViewReading } from "./view.js";

/**
 * The least time between two reads of a board that its changes cause. It is longer than the time in which
 * change.lua sends no second notice, so a read this long after a notice sees every change that the notice
 * stood for.
 */
const TICK_MS = 100;
/** How soon a read that failed is tried again. */
const RETRY_MS = 500;

interface Watcher {
  top: number;
  /** Whose entry it watches beside the top. */
  member: string | null;
}

const plainWatchers = new Map<number, Watcher>();

/** Those who watch the top alone are many and alike. */
function plainWatcher(top: number): Watcher {
  const watcher = plainWatchers.get(top) ?? { top, member: null };
  plainWatchers.set(top, watcher);
  return watcher;
}

/** Somebody who waits for a read that begins after the moment of asking. */
interface Reader {
  member: string | null;
  resolve(reading: ViewReading): void;
  reject(error: unknown): void;
}

/** How long a timer is set for at most: what is further away is looked at anew. */
const LONGEST_TIMER_MS = 3_600_000;

/** How many own entries one read takes along, those of subscribers who come included: the rest wait for the next. */
const MEMBERS_PER_READ = 500;

/** A read from whose moment on closings are told of. */
const FROM_NOW_ON = Number.MAX_SAFE_INTEGER;

/**
 * One window of a board as this node's watchers see it. It holds what it last published, reads the board when it may
 * have changed, and publishes the difference: at most one read a tick, however many watchers and changes.
 */
export class WindowFeed {
  readonly #name: string;
  readonly #window: string | undefined;
  readonly #store: BoardStore;
  readonly #publisher: Publisher;
  readonly #log: Logger;

  readonly #watchers = new Map<Subscription, Watcher>();
  /** How many watchers each length of the top has. */
  readonly #tops = new Map<number, number>();
  readonly #ownEntries = new OwnEntries();

  #view: BoardView = noView;
  /** Where `#view` stands; null until there was a board. */
  #position: (Position & { epoch: string }) | null = null;
  /** The board's offset up to which closings were told of. */
  #closing = FROM_NOW_ON;
  /** When the season ends by the calendar. */
  #seasonEndsAt = Number.POSITIVE_INFINITY;
  /** How many entries from the top `#view` was read for. */
  #viewTop = 0;
  /** Counts the changes of `#view`. */
  #revision = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  /** A read that failed is not tried again before then. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #isReading = false;
  #readers: Reader[] = [];
  /** When the last change was told of. */
  #expectedAt = Number.NEGATIVE_INFINITY;
  /** There may be changes until then that no notice tells of: a read has to begin later than that. */
  #mayChangeUntil = performance.now() + TICK_MS;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  /**
   * @param name tells it from other boards and windows
   * @param window the board's first when not given
   */
  constructor(
    name: string,
    window: string | undefined,
    store: BoardStore,
    publisher: Publisher,
    log: Logger,
  ) {
    this.#name = name;
    this.#window = window;
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#watchers.size === 0;
  }

  /** Like `Feed.join`. */
  async join(subscriber: Subscription, { top, me }: LeaderboardView): Promise<JoinResult> {
    const member = me ? memberOf(subscriber) : null;
    this.#watch(subscriber, member === null ? plainWatcher(top) : { top, member });
    try {
      const isFresh = top <= this.#viewTop && performance.now() - this.#readAt < TICK_MS;
      const { view: now, members } =
        isFresh && member === null
          ? { view: this.#view, members: new Map<string, Entry | null>() }
          : await this.#read(member);
      subscriber.stateTaken();
      if (now.epoch === null) throw new GrandstandError("not_found", "There is no such board or window");
      const mine = member === null ? undefined : (members.get(member) ?? null);
      if (member !== null && mine !== undefined && this.#watchers.has(subscriber)) {
        this.#ownEntries.add(member, subscriber, mine);
      }
      return {
        group: this.#audienceOf(top),
        position: { epoch: now.epoch, offset: now.offset },
        recovered: false,
        snapshot: {
          entries: now.lines.slice(0, top).map((line) => line.entry),
          total: now.total,
          season: now.season,
          seasonEndsAt: isoOrNull(now.seasonEndsAtMs),
          ...(mine !== undefined && { me: mine }),
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
    clearTimeout(this.#timer);
    for (const { reject } of this.#readers.splice(0)) reject(endedEarly());
  }

  #watch(subscriber: Subscription, watcher: Watcher): void {
    this.#watchers.set(subscriber, watcher);
    this.#tops.set(watcher.top, (this.#tops.get(watcher.top) ?? 0) + 1);
  }

  #audienceOf(top: number): string {
    return `${this.#name}|${top}`;
  }

  /** The board may have changed: reads now or at the next tick, and again when no silent change can follow any more. */
  expectChanges(): void {
    this.#expectedAt = performance.now();
    this.#mayChangeUntil = this.#expectedAt + TICK_MS;
    this.#readLater(this.#expectedAt);
  }

  #readLater(wantedAt: number): void {
    const at = Math.max(wantedAt, this.#readAt + TICK_MS, this.#notBefore);
    if (this.#isReading || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const delayMs = Math.ceil(at - performance.now());
    if (delayMs <= 0) void this.#readNow();
    else this.#timer = setTimeout(() => void this.#readNow(), Math.min(delayMs, LONGEST_TIMER_MS));
  }

  /**
   * A reading that began after this call; those who ask together share one. It waits for its tick like any other,
   * as what it finds is published to everyone.
   */
  #read(member: string | null): Promise<ViewReading> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw endedEarly();
      this.#readers.push({ member, resolve, reject });
      this.#readLater(performance.now());
    });
  }

  async #readNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#isReading = true;
    this.#readAt = performance.now();
    const top = Math.max(0, ...this.#tops.keys());
    const members = new Set(this.#ownEntries.due(this.#readAt));
    const readers: Reader[] = [];
    while (this.#readers.length > 0 && members.size < MEMBERS_PER_READ) {
      const reader = this.#readers.shift()!;
      readers.push(reader);
      if (reader.member !== null) members.add(reader.member);
    }
    try {
      const reading = await readView(this.#store, this.#window, {
        top,
        members: [...members],
        last: this.#view,
        closing: this.#closing,
      });
      const closings = await this.#closingsOf(reading);
      if (!this.#isClosed) this.#publish(reading, closings, top);
      for (const { resolve } of readers) resolve(reading);
    } catch (error) {
      for (const { reject } of readers) reject(error);
      if (!this.#isClosed) this.#log.warn({ err: error, channel: this.#name }, "reading a live board failed");
      this.#notBefore = performance.now() + RETRY_MS;
      this.#mayChangeUntil = this.#notBefore;
    }
    this.#isReading = false;
    if (!this.#isClosed) this.#planNextRead();
  }

  #planNextRead(): void {
    if (this.#readers.length > 0) this.#readLater(this.#readAt);
    if (this.#readAt < this.#expectedAt) this.#readLater(this.#expectedAt);
    if (this.#readAt < this.#mayChangeUntil) this.#readLater(this.#mayChangeUntil);
    if (Number.isFinite(this.#seasonEndsAt)) this.#readLater(this.#seasonEndsAt);
    const ownEntryDueAt = this.#ownEntries.dueAt(this.#revision);
    if (ownEntryDueAt !== null) this.#readLater(ownEntryDueAt);
  }

  /** What is to be said of the seasons that were closed since the last read. */
  async #closingsOf({ view, closed }: ViewReading): Promise<Publication[]> {
    const finals = await Promise.all(closed.map((season) => readFinal(this.#store, season)));
    return finals.map((final, at): Publication => {
      const next = finals[at + 1]?.closed ?? {
        season: view.season,
        endsAt: isoOrNull(view.seasonEndsAtMs),
      };
      const data: LeaderboardSeasonClosed = { ...final, next: { season: next.season, endsAt: next.endsAt } };
      return { offset: closed[at]!.closing!, event: "leaderboard.season_closed", data };
    });
  }

  #publish({ view, members, endsInMs }: ViewReading, closings: Publication[], top: number): void {
    const before = this.#view;
    this.#closing = view.epoch === null ? FROM_NOW_ON : view.offset;
    this.#seasonEndsAt = endsInMs === null ? Number.POSITIVE_INFINITY : this.#readAt + endsInMs;
    const isChanged = before.epoch !== view.epoch || before.offset !== view.offset;
    // A deleted board has no offset of its own any more: its end is the last thing in its epoch.
    if (view.epoch !== null) this.#position = { epoch: view.epoch, offset: view.offset };
    else if (before.epoch !== null) this.#position = { epoch: before.epoch, offset: before.offset + 1 };
    this.#view = view;
    this.#viewTop = top;
    if (this.#position === null) return;
    const { epoch, offset } = this.#position;
    if (closings.length > 0) {
      for (const length of this.#tops.keys())
        this.#publisher.publish(this.#audienceOf(length), epoch, closings);
    }
    if (isSevered(before, view, closings.length)) {
      const resync = {
        offset: Math.max(offset, before.offset),
        event: "channel.resync",
        data: { reason: "skipped" },
      };
      for (const length of this.#tops.keys())
        this.#publisher.publish(this.#audienceOf(length), epoch, [resync]);
      this.#revision += 1;
    } else if (isChanged) {
      this.#revision += 1;
      const rows = changedEntries(before, view);
      for (const length of this.#tops.keys()) this.#publishTop(length, before, view, rows, epoch, offset);
    }
    for (const [member, entry] of members) {
      const data: LeaderboardMe = { entry };
      for (const watcher of this.#ownEntries.note(member, entry, this.#readAt, this.#revision)) {
        this.#publisher.publishTo(watcher, epoch, [{ offset, event: "leaderboard.me", data }]);
      }
    }
  }

  #publishTop(
    top: number,
    before: BoardView,
    view: BoardView,
    changed: Entry[],
    epoch: string,
    offset: number,
  ): void {
    const rows = changed.filter((entry) => entry.rank <= top);
    const isAnew = view.epoch !== before.epoch || view.season !== before.season;
    if (rows.length === 0 && view.total === before.total && !isAnew) return;
    const data: LeaderboardUpdated = { total: view.total, length: Math.min(top, view.total), rows };
    this.#publisher.publish(this.#audienceOf(top), epoch, [{ offset, event: "leaderboard.updated", data }]);
  }
}

/**
 * Whether what is read can't be told of as a change of what was read before: Redis lost what it had, or the board's rules
 * are others, and with them the season, which only a new subscription tells of.
 */
function isSevered(before: BoardView, view: BoardView, closings: number): boolean {
  if (before.epoch === null || view.epoch === null) return false;
  const isOtherSeason = before.season !== view.season || before.seasonEndsAtMs !== view.seasonEndsAtMs;
  const isOlder = before.epoch === view.epoch && view.offset < before.offset;
  return isOlder || (isOtherSeason && closings === 0);
}

/** @throws {GrandstandError} `bad_request` when the caller is no member. */
function memberOf(subscriber: Subscription): string {
  const { caller } = subscriber.connection;
  if (caller.kind === "user") return caller.user.id;
  throw new GrandstandError("bad_request", "Only a user has an entry of its own to watch", {
    issues: [{ path: "view.me", rule: "user", message: "needs a caller who is a user" }],
  });
}
