import { setTimeout } from "node:timers/promises";
import { presenceView } from "@grandstand/shared/events/presence";
import type { Caller } from "../../core/caller.js";
import type { Connection } from "../../core/connection.js";
import { Batcher } from "../../live/batcher.js";
import type { ChannelSource, Feed, JoinResult, Publisher, SubscribeRequest } from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import { levelOf } from "../../redis/faults.js";
import { AccessReviewer, type UserCaller } from "../shared/access-reviewer.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { roomForbidden } from "../shared/room-access.js";
import { type BroadcastOptions, broadcastDefaults, positionOf, RoomBroadcast } from "./room-broadcast.js";
import { type RoomChanges, type RoomPosition, type RoomState, readChanges, readRoom } from "./room-state.js";
import { PresenceStore } from "./store.js";

/**
 * After Redis lost its data, every node announces its members (reports them again) within this time. A node with members
 * notices the loss when it renews its lease, which it does twice a second.
 */
const ANNOUNCE_MS = 3_000;

/** Settings that tests change. */
export interface FeedOptions extends BroadcastOptions {
  announceMs: number;
}

/** The source of the channels `presence:<room>`. */
export class PresenceFeeds implements ChannelSource {
  readonly #dependencies: DomainDependencies;
  readonly #options: FeedOptions;
  readonly #open = new Map<string, PresenceFeed>();

  constructor(dependencies: DomainDependencies, options: Partial<FeedOptions> = {}) {
    this.#dependencies = dependencies;
    this.#options = { ...broadcastDefaults, announceMs: ANNOUNCE_MS, ...options };
  }

  /** The rooms that this node's connections follow. */
  get rooms(): Iterable<string> {
    return this.#open.keys();
  }

  topic(room: string): string {
    return this.#dependencies.keys.presence(room).topic;
  }

  open(room: string, publisher: Publisher): Feed {
    const feed = new PresenceFeed(this.#dependencies, room, publisher, this.#options, () => {
      if (this.#open.get(room) === feed) this.#open.delete(room);
    });
    this.#open.set(room, feed);
    return feed;
  }

  /**
   * Compares a room's position in Redis with the position of its feed. A feed that is behind reads the room again.
   * @param accessVersion the number of changes of access to the room. After a change, the feed checks its subscribers' access
   */
  verify(room: string, epoch: string, offset: number, accessVersion: string): void {
    this.#open.get(room)?.verify(epoch, offset, accessVersion);
  }

  /**
   * Makes all feeds read their rooms and check access again, because messages of any room may have been lost.
   */
  resyncAll(): void {
    for (const feed of this.#open.values()) feed.resync();
  }
}

/**
 * Whether a feed has read its room. Messages that arrive before or during a read are applied after the read.
 */
type ReadState =
  /** `isStale`: a message may have been lost, so the feed reads the room once more after the first read. */
  | { kind: "unread"; arrived: RoomChanges[]; isStale: boolean }
  | { kind: "live"; broadcast: RoomBroadcast }
  | { kind: "reading"; broadcast: RoomBroadcast; arrived: RoomChanges[] };

/** The feed of one room: its state on this node, shared by the subscribers of this node. */
class PresenceFeed implements Feed {
  readonly #store: PresenceStore;
  readonly #publisher: Publisher;
  readonly #options: FeedOptions;
  readonly #onClose: () => void;
  readonly #accessReviewer: AccessReviewer;
  readonly #accessChecks: Batcher<UserCaller, boolean>;
  #state: ReadState = { kind: "unread", arrived: [], isStale: false };
  #firstRead: Promise<RoomBroadcast> | null = null;
  readonly #reread: CoalescedTask;
  #isClosed = false;

  constructor(
    dependencies: DomainDependencies,
    room: string,
    publisher: Publisher,
    options: FeedOptions,
    onClose: () => void,
  ) {
    const store = new PresenceStore(dependencies, room);
    this.#store = store;
    this.#publisher = publisher;
    this.#options = options;
    this.#onClose = onClose;
    this.#accessReviewer = new AccessReviewer(
      store,
      publisher,
      () => this.#broadcast && positionOf(this.#broadcast.known),
    );
    this.#accessChecks = new Batcher((callers) => store.maySee(callers));
    this.#reread = new CoalescedTask(
      () => this.#readAgain(),
      (error) => dependencies.log[levelOf(error)]({ err: error, room }, "presence: reading a room failed"),
    );
  }

  async join(subscriber: Subscription, { view }: SubscribeRequest): Promise<JoinResult> {
    const { members } = presenceView.parse(view ?? {});
    await this.#checkAccess(subscriber.connection.caller);
    const broadcast = this.#broadcast ?? (await this.#readFirst());
    subscriber.stateTaken();
    return { recovered: false, ...broadcast.snapshot(members) };
  }

  leave(): void {}

  receive(message: string): void {
    const [, kind, content] = /^(\w+) (.*)$/s.exec(message) as unknown as [string, string, string];
    if (kind === "changes") this.#onChanges(readChanges(content));
    else if (kind === "access") {
      if (content === "") this.#accessReviewer.checkAll();
      else this.#accessReviewer.check([content]);
    }
  }

  resync(): void {
    this.#accessReviewer.checkAll();
    this.#requestRead();
  }

  onRightsChanged({ caller }: Connection): void {
    if (caller.kind === "user") this.#accessReviewer.check([caller.user.id]);
  }

  verify(epoch: string, offset: number, accessVersion: string): void {
    const known = this.#broadcast?.known;
    if (!known) return;
    this.#accessReviewer.note(accessVersion);
    if ((epoch !== known.epoch || offset > known.offset) && (epoch !== "" || known.count > 0)) {
      this.#requestRead();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#reread.close();
    this.#broadcast?.close();
    this.#accessReviewer.close();
    this.#onClose();
  }

  get #broadcast(): RoomBroadcast | null {
    return this.#state.kind === "unread" ? null : this.#state.broadcast;
  }

  async #checkAccess(caller: Caller): Promise<void> {
    if (caller.kind === "user" && !(await this.#accessChecks.add(caller))) throw roomForbidden();
  }

  #readFirst(): Promise<RoomBroadcast> {
    this.#firstRead ??= readRoom(this.#store, null, this.#options.countAbove)
      .then((state) => this.#begin(state))
      .finally(() => {
        this.#firstRead = null;
      });
    return this.#firstRead;
  }

  #begin(state: RoomState): RoomBroadcast {
    this.#accessReviewer.note(state.accessVersion);
    const broadcast = new RoomBroadcast(this.#store.room, state, {
      publisher: this.#publisher,
      options: this.#options,
      needMembers: () => this.#requestRead(),
    });
    const { isStale, arrived } = this.#state as ReadState & { kind: "unread" };
    this.#state = { kind: "live", broadcast };
    if (this.#isClosed) return broadcast;
    for (const changes of arrived) this.#onChanges(changes);
    if (isStale) this.#requestRead();
    return broadcast;
  }

  #onChanges(changes: RoomChanges): void {
    const state = this.#state;
    if (state.kind !== "live") {
      state.arrived.push(changes);
      return;
    }
    const order = orderOf(changes, state.broadcast.known);
    if (order === "next") state.broadcast.applyChanges(changes);
    else if (order === "gap") this.#requestRead();
  }

  /** Requests another read of the room. If a read is running, the next read begins when that read has ended. */
  #requestRead(): void {
    if (this.#state.kind === "unread") this.#state.isStale = true;
    else this.#reread.request();
  }

  async #readAgain(): Promise<void> {
    const broadcast = this.#broadcast!;
    const arrived: RoomChanges[] = [];
    this.#state = { kind: "reading", broadcast, arrived };
    try {
      const { known } = broadcast;
      let state = await readRoom(this.#store, known, this.#options.countAbove);
      if (state.epoch !== known.epoch && known.count > 0) {
        // Redis lost the room or its last changes. Wait until all nodes have announced their members again. Otherwise
        // the feed would publish that these members have left.
        await setTimeout(this.#options.announceMs, undefined, { ref: false });
        state = await readRoom(this.#store, known, this.#options.countAbove);
      }
      if (this.#isClosed) return;
      this.#accessReviewer.note(state.accessVersion);
      broadcast.applyState(state);
    } finally {
      this.#state = { kind: "live", broadcast };
      if (!this.#isClosed) for (const changes of arrived) this.#onChanges(changes);
    }
  }
}

/**
 * Compares changes with the position up to which a feed knows its room. `known`: the position includes the changes.
 * `next`: they follow the position directly. `gap`: changes in between were lost, or the epoch is another one.
 */
function orderOf(changes: RoomChanges, known: RoomPosition): "known" | "next" | "gap" {
  const first = changes.changes[0]!;
  if (known.epoch === "" && first.offset === 1) return "next";
  if (changes.epoch !== known.epoch) return "gap";
  if (changes.offset <= known.offset) return "known";
  return first.offset === known.offset + 1 ? "next" : "gap";
}
