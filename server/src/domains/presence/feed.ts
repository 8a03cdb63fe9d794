import { setTimeout } from "node:timers/promises";
import type { Position, Publication } from "@grandstand/shared/channels";
import { type PresenceMode, type PresenceSnapshot, presenceView } from "@grandstand/shared/events/presence";
import type { Caller } from "../../core/caller.js";
import type { Connection } from "../../core/connection.js";
import { Batcher } from "../../live/batcher.js";
import type { ChannelSource, Feed, JoinResult, Publisher, SubscribeRequest } from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import { AccessReviewer, type UserCaller } from "../shared/access-reviewer.js";
import { roomForbidden } from "../shared/room-access.js";
import type { PresenceContext } from "./context.js";
import { encodeCursor } from "./cursor.js";
import { modeOf, type Thresholds, thresholds } from "./modes.js";
import { PublishedMembers } from "./published-members.js";
import { PresenceStore } from "./store.js";
import { Throttle } from "./throttle.js";
import {
  type PublishedPosition,
  type RoomChanges,
  type RoomState,
  readChanges,
  readRoom,
} from "./watched-room.js";

/** How often a room that tells of changes together does so (PR7). */
const INTERVAL_MS = 2_000;
/** A digest that is too large for one message is told in parts, so many in an interval. */
const PARTS_PER_INTERVAL = 4;
/** How soon a read that failed is tried again. */
const RETRY_MS = 500;
/** What Redis lost is announced again within this time by the nodes that know it: they tick twice a second. */
const SETTLE_MS = 3_000;
const MEMBERS_PER_SNAPSHOT = 200;

/** What feeds can be told to do differently, for tests. */
export interface FeedOptions extends Thresholds {
  intervalMs: number;
  settleMs: number;
}

const defaults: FeedOptions = { ...thresholds, intervalMs: INTERVAL_MS, settleMs: SETTLE_MS };

/** Live presence: `presence:<room>`. */
export class PresenceFeeds implements ChannelSource {
  readonly #context: PresenceContext;
  readonly #options: FeedOptions;
  readonly #open = new Map<string, PresenceFeed>();

  constructor(context: PresenceContext, options: Partial<FeedOptions> = {}) {
    this.#context = context;
    this.#options = { ...defaults, ...options };
  }

  /** The rooms that somebody watches here. */
  get rooms(): Iterable<string> {
    return this.#open.keys();
  }

  topic(room: string): string {
    return this.#context.keys.presence(room).topic;
  }

  open(room: string, publisher: Publisher): Feed {
    const onClose = () => {
      if (this.#open.get(room) === feed) this.#open.delete(room);
    };
    const feed = new PresenceFeed(new PresenceStore(this.#context, room), publisher, this.#options, onClose);
    this.#open.set(room, feed);
    return feed;
  }

  /**
   * How far a room is in Redis, and its number of changes of access: its feed reads it if it is not as far, and looks at
   * its watchers.
   */
  verify(room: string, epoch: string, offset: number, access: string): void {
    this.#open.get(room)?.verify(epoch, offset, access);
  }

  /** Something may have become of any room that no message told of. */
  resyncAll(): void {
    for (const feed of this.#open.values()) feed.resync();
  }
}

/**
 * One room as this node's watchers see it. It keeps the members in memory, so that a watcher more costs Redis no more
 * than the question whether it may watch. In small rooms it tells of each change, in larger ones of all of two seconds
 * together, and in huge ones only of how many there are.
 */
class PresenceFeed implements Feed {
  readonly #store: PresenceStore;
  readonly #publisher: Publisher;
  readonly #options: FeedOptions;
  readonly #onClose: () => void;
  readonly #group: string;
  readonly #countAudience: string;
  readonly #readers: AccessReviewer;
  readonly #access: Batcher<UserCaller, boolean>;
  readonly #firstRead: Batcher<null, null>;

  /** Up to where this node knows; null until it was read for the first time. */
  #known: PublishedPosition | null = null;
  #mode: PresenceMode = "each";
  readonly #members = new PublishedMembers();
  /** Up to where those who watch members were told. */
  #told: PublishedPosition = nothing;
  /** Up to where those who watch only the count were told. */
  #countTold: PublishedPosition = nothing;
  readonly #telling: Throttle;
  readonly #countTelling: Throttle;
  /** What arrives while the room is read waits here. */
  #arrived: RoomChanges[] | null = [];
  #isReading = false;
  #isDue = false;
  #isClosed = false;

  constructor(store: PresenceStore, publisher: Publisher, options: FeedOptions, onClose: () => void) {
    this.#store = store;
    this.#publisher = publisher;
    this.#options = options;
    this.#onClose = onClose;
    this.#group = `presence:${store.room}`;
    this.#countAudience = `presence:${store.room} count`;
    this.#readers = new AccessReviewer(store, publisher, () => this.#known && positionOf(this.#known));
    this.#access = new Batcher((readers) => store.maySee(readers));
    this.#firstRead = new Batcher(async (asked) => {
      if (this.#known === null) this.#begin(await readRoom(store, null, options.countAbove));
      return asked;
    });
    this.#telling = new Throttle(options.intervalMs, () => this.#tell());
    this.#countTelling = new Throttle(options.intervalMs, () => this.#tellCount());
  }

  async join(subscriber: Subscription, { view }: SubscribeRequest): Promise<JoinResult> {
    const { members } = presenceView.parse(view ?? {});
    await this.#checkAccess(subscriber.connection.caller);
    if (this.#known === null) await this.#firstRead.ask(null);
    subscriber.stateTaken();
    return {
      group: members ? this.#group : this.#countAudience,
      position: positionOf(members ? this.#told : this.#countTold),
      recovered: false,
      snapshot: members ? this.#snapshot() : countSnapshot(this.#countTold.count),
    };
  }

  leave(): void {}

  receive(message: string): void {
    const [, kind, content] = /^(\w+) (.*)$/s.exec(message) as unknown as [string, string, string];
    if (kind === "changes") this.#arrive(readChanges(content));
    else if (kind === "access") {
      if (content === "") this.#readers.checkAll();
      else this.#readers.check([content]);
    }
  }

  resync(): void {
    this.#readers.checkAll();
    this.#readOn();
  }

  onRightsChanged({ caller }: Connection): void {
    if (caller.kind === "user") this.#readers.check([caller.user.id]);
  }

  verify(epoch: string, offset: number, access: string): void {
    const known = this.#known;
    if (!known) return;
    this.#readers.note(access);
    if ((epoch !== known.epoch || offset > known.offset) && (epoch !== "" || known.count > 0)) {
      this.#readOn();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#telling.close();
    this.#countTelling.close();
    this.#readers.close();
    this.#onClose();
  }

  async #checkAccess(caller: Caller): Promise<void> {
    if (caller.kind === "user" && !(await this.#access.ask(caller))) throw roomForbidden();
  }

  #snapshot(): PresenceSnapshot {
    const { count, epoch } = this.#told;
    if (this.#mode === "count") return countSnapshot(count);
    const { members, lastStay } = this.#members.first(MEMBERS_PER_SNAPSHOT);
    const hasMore = members.length < this.#members.size;
    return { mode: this.#mode, count, members, nextCursor: hasMore ? encodeCursor(epoch, lastStay) : null };
  }

  #begin(state: RoomState): void {
    this.#readers.note(state.access);
    this.#mode = modeOf(state.count, null, this.#options);
    this.#members.begin(state.members ?? []);
    this.#known = state;
    this.#told = state;
    this.#countTold = state;
    this.#takeArrived();
  }

  #arrive(arrived: RoomChanges): void {
    const known = this.#known;
    if (this.#arrived !== null || known === null) {
      this.#arrived?.push(arrived);
      return;
    }
    const first = arrived.changes[0]!;
    const isFirst = known.epoch === "" && first.offset === 1;
    if (!isFirst && arrived.epoch === known.epoch && arrived.offset <= known.offset) return;
    const isNext = arrived.epoch === known.epoch && first.offset === known.offset + 1;
    if (!isNext && !isFirst) {
      this.#readOn();
      return;
    }
    this.#known = arrived;
    if (this.#mode === "each" && modeOf(arrived.count, "each", this.#options) === "each") {
      const publications = arrived.changes.map((change) => this.#members.tell(change));
      this.#told = arrived;
      this.#publish(publications.filter((publication) => publication !== null));
    } else {
      this.#mode = this.#mode === "each" ? "digest" : this.#mode;
      if (this.#mode === "digest") for (const change of arrived.changes) this.#members.note(change);
      this.#telling.due();
    }
    this.#countTelling.due();
  }

  /** Tells those who watch members what waits to be told. */
  #tell(): void {
    const known = this.#known!;
    const { offset, count } = known;
    const mode = modeOf(count, this.#mode, this.#options);
    if (this.#mode === "count" && mode !== "count") {
      // Nobody here knows who they are.
      this.#readOn();
      return;
    }
    if (mode === "count") {
      this.#mode = mode;
      this.#told = known;
      this.#members.forget();
      this.#publish([{ offset, event: "presence.count", data: { count } }]);
      return;
    }
    this.#tellDigest(known, mode);
  }

  /** @param mode how to go on when everything is told */
  #tellDigest(known: PublishedPosition, mode: PresenceMode): void {
    const told = this.#members.digest();
    const { isToldAll, hasParts, size } = this.#members;
    this.#mode = isToldAll ? mode : "digest";
    this.#told = isToldAll || !told ? known : { epoch: known.epoch, offset: told.offset, count: size };
    if (told?.digest) {
      this.#publish([{ offset: this.#told.offset, event: "presence.digest", data: told.digest }]);
    }
    if (hasParts) this.#telling.due(this.#options.intervalMs / PARTS_PER_INTERVAL);
    else if (!isToldAll) this.#telling.due();
  }

  #tellCount(): void {
    const { epoch, offset, count } = this.#known!;
    const before = this.#countTold;
    this.#countTold = this.#known!;
    if (count === before.count) return;
    this.#publisher.publish(this.#countAudience, epochOf(epoch), [
      { offset, event: "presence.count", data: { count } },
    ]);
  }

  #publish(publications: Publication[]): void {
    if (publications.length === 0) return;
    this.#publisher.publish(this.#group, epochOf(this.#known!.epoch), publications);
  }

  /** Reads the room anew, after the read that may be under way. */
  #readOn(): void {
    this.#isDue = true;
    if (this.#isReading || this.#known === null) return;
    this.#isReading = true;
    this.#arrived ??= [];
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    let hasSettled = false;
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      try {
        const known = this.#known!;
        const state = await readRoom(this.#store, known, this.#options.countAbove);
        if (state.epoch !== known.epoch && known.count > 0 && !hasSettled) {
          // Nobody is said to have left who is about to be announced again.
          hasSettled = true;
          this.#isDue = true;
          await setTimeout(this.#options.settleMs, undefined, { ref: false });
        } else if (!this.#isClosed) this.#take(state);
      } catch {
        this.#isDue = true;
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#isReading = false;
    if (!this.#isClosed) this.#takeArrived();
  }

  /** Tells of how the room, as it was read, differs from what was told. */
  #take(state: RoomState): void {
    this.#readers.note(state.access);
    const known = this.#known!;
    // Nobody is there, and nothing is known of who was: that is the last thing in the epoch.
    const isGone = state.epoch === "" && known.epoch !== "";
    const isNews = known.count > 0 || state.count > 0;
    const { epoch, offset } = isGone
      ? { epoch: known.epoch, offset: known.offset + (isNews ? 1 : 0) }
      : state;
    this.#known = { epoch, offset, count: state.count };
    const { members } = state;
    if (members === null) this.#toCount();
    else if (this.#mode === "count" || !this.#members.noteAll(members, offset)) {
      // Those who watch know nobody, or have missed more than one message should hold.
      this.#members.begin(members);
      this.#mode = modeOf(state.count, null, this.#options);
      this.#told = this.#known;
      this.#publish([{ offset, event: "channel.resync", data: { reason: "skipped" } }]);
    } else {
      // Together, whatever the mode: not each of these changes has an offset of its own.
      this.#mode = "digest";
      this.#telling.now();
    }
    this.#countTelling.due();
  }

  #toCount(): void {
    this.#mode = "count";
    this.#members.forget();
    this.#telling.due();
  }

  #takeArrived(): void {
    const arrived = this.#arrived ?? [];
    this.#arrived = null;
    for (const each of arrived) this.#arrive(each);
    if (this.#isDue) this.#readOn();
  }
}

const nothing: PublishedPosition = { epoch: "", offset: 0, count: 0 };

/** A room where nobody ever was has no epoch of its own. */
function epochOf(epoch: string): string {
  return epoch === "" ? "none" : epoch;
}

function positionOf({ epoch, offset }: PublishedPosition): Position {
  return { epoch: epochOf(epoch), offset };
}

function countSnapshot(count: number): PresenceSnapshot {
  return { mode: "count", count, members: [], nextCursor: null };
}
