import type { Publication, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { UserEntered, UserLeft, UserSnapshot } from "@grandstand/shared/events/user";
import { mayFollow } from "../../authz/grants.js";
import type { ChannelSource, Feed, JoinResult, Publisher } from "../../live/source.js";
import { endedEarly, type Subscription } from "../../live/subscription.js";
import { levelOf } from "../../redis/faults.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { INBOX_PREFIX, type Inbox, type InboxPublication } from "../shared/inbox.js";
import { NO_EPOCH, publicationOf, readState, type UserState } from "./state.js";

type FeedDependencies = Pick<DomainDependencies, "redis" | "keys" | "log" | "inboxes">;

/** The source of the channels `user:<id>`. */
export function userSource(dependencies: FeedDependencies): ChannelSource {
  return {
    topic: (user) => dependencies.keys.user(user).topic,
    open: (user, publisher) => new UserFeed(dependencies, user, publisher),
  };
}

/** The state that the subscribers on this node have received. */
interface PublishedState {
  readonly epoch: string;
  readonly offset: number;
  readonly rooms: ReadonlySet<string>;
}

/**
 * The channel of one user. It passes on the messages of the user's topic in Redis. When a message may have been lost, it
 * reads the state and publishes the difference.
 */
class UserFeed implements Feed {
  readonly #dependencies: FeedDependencies;
  readonly #user: string;
  readonly #group: string;
  readonly #publisher: Publisher;
  /** Null before the first read. */
  #published: PublishedState | null = null;
  /** Whether a message arrived before the first read was answered. The state that was read may lack the message's change. */
  #isFirstReadStale = false;
  readonly #reread: CoalescedTask;
  readonly #inbox: Inbox | undefined;
  readonly #subscribers = new Set<Subscription>();
  /** How many resyncs were sent to all subscribers. */
  #resyncCount = 0;
  #isClosed = false;

  constructor(dependencies: FeedDependencies, user: string, publisher: Publisher) {
    this.#dependencies = dependencies;
    this.#user = user;
    this.#group = `user:${user}`;
    this.#publisher = publisher;
    this.#reread = new CoalescedTask(
      async () => {
        await this.#read(this.#published!.offset);
      },
      (error) => dependencies.log[levelOf(error)]({ err: error, user }, "reading a user's channel failed"),
    );
    this.#inbox = dependencies.inboxes?.open(user, (publication) => this.#publishInbox(publication));
  }

  async join(subscriber: Subscription): Promise<JoinResult> {
    const { caller } = subscriber.connection;
    if (caller.kind === "user" && caller.user.id !== this.#user) {
      throw new GrandstandError("forbidden", "Only the user and servers may follow a user's channel");
    }
    for (;;) {
      // Publications are buffered from here on. The subscriber gets
      // them after its snapshot, except those the snapshot contains.
      subscriber.stateTaken();
      const resyncCount = this.#resyncCount;
      const state = await this.#read(0);
      if (this.#isClosed) throw endedEarly();
      // A resync happened during the read. The publications that were buffered
      // before it belong to an older state, so begin again.
      if (resyncCount !== this.#resyncCount) continue;
      const { epoch, offset, rooms } = state;
      this.#subscribers.add(subscriber);
      const snapshot: UserSnapshot = { rooms, notices: state.notices.map(({ notice }) => notice) };
      return { group: this.#group, position: { epoch, offset }, recovered: false, snapshot };
    }
  }

  leave(subscriber: Subscription): void {
    this.#subscribers.delete(subscriber);
  }

  receive(message: string): void {
    if (message.startsWith(INBOX_PREFIX)) {
      this.#inbox?.receive(message);
      return;
    }
    const { epoch, ...publication } = publicationOf(message);
    const published = this.#published;
    if (published === null) {
      this.#isFirstReadStale = true;
      return;
    }
    if (epoch === published.epoch && publication.offset <= published.offset) return;
    const isSameEpoch = epoch === published.epoch || published.epoch === NO_EPOCH;
    if (isSameEpoch && publication.offset === published.offset + 1) {
      const rooms = roomsAfter(published.rooms, publication);
      this.#publish({ epoch, offset: publication.offset, rooms }, [publication]);
    } else this.#reread.request();
  }

  resync(): void {
    this.#inbox?.resync();
    if (this.#published === null) this.#isFirstReadStale = true;
    else this.#reread.request();
  }

  close(): void {
    this.#isClosed = true;
    this.#reread.close();
    this.#inbox?.close();
  }

  /** Reads the state with the notices after an offset, and publishes what subscribers have not received. */
  async #read(behind: number): Promise<UserState> {
    const before = this.#published;
    const state = await readState(this.#dependencies, this.#user, behind);
    if (!this.#isClosed) this.#applyState(before, state);
    return state;
  }

  /**
   * @param before what was published when the read began. If
   * `state` is older than `before`, Redis has lost data
   */
  #applyState(before: PublishedState | null, state: UserState): void {
    const published = this.#published;
    if (published === null) {
      this.#published = publishedBy(state);
      if (this.#isFirstReadStale) this.#reread.request();
    } else if (state.epoch === published.epoch || published.epoch === NO_EPOCH) {
      if (state.offset > published.offset) {
        this.#publish(publishedBy(state), missedBetween(published, state));
      } else if (before?.epoch === state.epoch && state.offset < before.offset) {
        this.#publishResync(published, "ahead", state);
      }
    } else if (before?.epoch === published.epoch) {
      this.#publishResync(published, "epoch", state);
    } else {
      // The published epoch changed during the read, so it
      // is unknown which of the two epochs is the later one.
      this.#reread.request();
    }
  }

  #publish(published: PublishedState, publications: Publication[]): void {
    this.#published = published;
    if (publications.length > 0) this.#publisher.publish(this.#group, published.epoch, publications);
  }

  /**
   * Publishes a room's unread count or read mark (inbox.ts) at the current position. Only subscribers that may follow the
   * room's chat get the publication.
   */
  #publishInbox({ event, data }: InboxPublication): void {
    if (this.#published === null) return;
    const { epoch, offset } = this.#published;
    for (const subscriber of this.#subscribers) {
      if (!mayFollow(subscriber.connection.caller, `chat:${data.room}`)) continue;
      this.#publisher.publishTo(subscriber, epoch, [{ offset, event, data }]);
    }
  }

  /** Redis lost publications, so all subscribers have to read the state again. */
  #publishResync({ epoch, offset }: PublishedState, reason: RecoveryFailure, state: UserState): void {
    this.#resyncCount += 1;
    this.#published = publishedBy(state);
    this.#publisher.publish(this.#group, epoch, [{ offset, event: "channel.resync", data: { reason } }]);
  }
}

function publishedBy({ epoch, offset, rooms }: UserState): PublishedState {
  return { epoch, offset, rooms: new Set(rooms) };
}

function roomsAfter(before: ReadonlySet<string>, { event, data }: Publication): ReadonlySet<string> {
  if (event === "user.notice") return before;
  const { room } = data as UserEntered | UserLeft;
  const rooms = new Set(before);
  if (event === "user.entered") rooms.add(room);
  else rooms.delete(room);
  return rooms;
}

/**
 * The publications that lead from `published` to the state that was read. A notice
 * has its stored offset. Each `user.entered` or `user.left` gets the highest offset that
 * is still free. Enough offsets are free: each room that differs was entered or left at
 * least once, and that took an offset of its own.
 */
function missedBetween(published: PublishedState, { offset, rooms, notices }: UserState): Publication[] {
  const missed: Publication[] = notices
    .filter((each) => each.offset > published.offset)
    .map((each) => ({ offset: each.offset, event: "user.notice", data: each.notice }));
  const taken = new Set(missed.map((each) => each.offset));
  const now = new Set(rooms);
  const changes = [
    ...rooms.filter((room) => !published.rooms.has(room)).map((room) => ({ event: "user.entered", room })),
    ...[...published.rooms].filter((room) => !now.has(room)).map((room) => ({ event: "user.left", room })),
  ];
  let free = offset;
  for (const { event, room } of changes) {
    while (taken.has(free)) free -= 1;
    missed.push({ offset: free, event, data: { room } });
    free -= 1;
  }
  return missed.sort((one, other) => one.offset - other.offset);
}
