import { setTimeout } from "node:timers/promises";
import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { UserEntered, UserLeft, UserSnapshot } from "@grandstand/shared/events/user";
import type { Logger } from "pino";
import type { ChannelSource, Feed, JoinResult, Publisher } from "../../live/source.js";
import { endedEarly, type Subscription } from "../../live/subscription.js";
import type { UserGround } from "./records.js";
import { publicationOf, readState, UNTOUCHED, type UserState } from "./state.js";

/** How soon a read that failed is tried again. */
const RETRY_MS = 500;

/** What concerns one user: `user:<id>`, for its own devices and for servers. */
export function userSource(ground: UserGround, log: Logger): ChannelSource {
  return {
    topic: (user) => ground.keys.user(user).topic,
    open: (user, publisher) =>
      new UserFeed(user, (behind) => readState(ground, user, behind), publisher, log),
  };
}

/** What this node's devices of the user were told so far. */
interface Told {
  readonly epoch: string;
  readonly offset: number;
  readonly rooms: ReadonlySet<string>;
}

/**
 * One user as its devices on this node see it. It hands on what the topic brings, one by one. Where something is left out,
 * or may be, it reads the state and tells of the difference.
 */
class UserFeed implements Feed {
  readonly #user: string;
  readonly #group: string;
  readonly #readBehind: (offset: number) => Promise<UserState>;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  /** Null until the state was read for the first time. */
  #told: Told | null = null;
  #isReading = false;
  /** Something may have been missed that no read has looked for yet. */
  #isDue = false;
  /** How often everyone had to begin anew. */
  #losses = 0;
  #isClosed = false;

  constructor(
    user: string,
    readBehind: (offset: number) => Promise<UserState>,
    publisher: Publisher,
    log: Logger,
  ) {
    this.#user = user;
    this.#group = `user:${user}`;
    this.#readBehind = readBehind;
    this.#publisher = publisher;
    this.#log = log;
  }

  async join(subscriber: Subscription): Promise<JoinResult> {
    const { caller } = subscriber.connection;
    if (caller.kind === "user" && caller.user.id !== this.#user) {
      throw new GrandstandError("forbidden", "Only the user itself and servers may follow a user's channel");
    }
    for (;;) {
      // What comes from here on and is not in what is read, follows it.
      subscriber.stateTaken();
      const losses = this.#losses;
      const state = await this.#read(0);
      if (this.#isClosed) throw endedEarly();
      // What came before everyone had to begin anew does not follow what was read after it.
      if (losses !== this.#losses) continue;
      const { epoch, offset, rooms } = state;
      const snapshot: UserSnapshot = { rooms, notices: state.notices.map(({ notice }) => notice) };
      return { group: this.#group, position: { epoch, offset }, recovered: false, snapshot };
    }
  }

  /** Nothing is kept for a subscriber: all see the same. */
  leave(): void {}

  receive(message: string): void {
    const { epoch, ...publication } = publicationOf(message);
    const told = this.#told;
    if (told === null) {
      // The read that is under way may have been too early for it.
      this.#isDue = true;
      return;
    }
    const isKnown = epoch === told.epoch && publication.offset <= told.offset;
    if (isKnown) return;
    const isNext = epoch === told.epoch || told.epoch === UNTOUCHED;
    if (isNext && publication.offset === told.offset + 1) {
      const rooms = roomsAfter(told.rooms, publication);
      this.#tell({ epoch, offset: publication.offset, rooms }, [publication]);
    } else this.#readOn();
  }

  resync(): void {
    this.#readOn();
  }

  close(): void {
    this.#isClosed = true;
  }

  #tell(told: Told, publications: Publication[]): void {
    this.#told = told;
    if (publications.length > 0) this.#publisher.publish(this.#group, told.epoch, publications);
  }

  /** Redis lost what was told of: everyone has to begin anew, from what it has now. */
  #startOver({ epoch, offset }: Told, reason: RecoveryFailure, state: UserState): void {
    this.#losses += 1;
    this.#told = toldOf(state);
    this.#publisher.publish(this.#group, epoch, [{ offset, event: "channel.resync", data: { reason } }]);
  }

  /** Reads the state, and tells of what it has that was not told of. */
  async #read(behind: number): Promise<UserState> {
    const before = this.#told;
    const state = await this.#readBehind(behind);
    if (!this.#isClosed) this.#learn(before, state);
    return state;
  }

  /** @param before what was told of when the state was asked for, and so was in Redis before it was read */
  #learn(before: Position | null, state: UserState): void {
    const told = this.#told;
    if (told === null) {
      this.#told = toldOf(state);
      if (this.#isDue) this.#readOn();
    } else if (state.epoch === told.epoch || told.epoch === UNTOUCHED) {
      if (state.offset > told.offset) this.#tell(toldOf(state), missedBetween(told, state));
      else if (before?.epoch === state.epoch && state.offset < before.offset) {
        this.#startOver(told, "ahead", state);
      }
    } else if (before?.epoch === told.epoch) {
      this.#startOver(told, "epoch", state);
    } else {
      // The epoch changed while the state was read, before or after it.
      this.#readOn();
    }
  }

  /** Reads the state once more, after the read that may be under way. */
  #readOn(): void {
    this.#isDue = true;
    if (this.#isReading || this.#told === null) return;
    this.#isReading = true;
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      try {
        await this.#read(this.#told!.offset);
      } catch (error) {
        this.#isDue = true;
        this.#log.debug({ err: error }, "reading a user's channel failed");
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#isReading = false;
  }
}

function toldOf({ epoch, offset, rooms }: UserState): Told {
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
 * The notices that were missed, each at its own place; and the rooms that the user is in now or no more, at the last places
 * that no notice has. There are enough of those: each such room was entered or left at least once.
 */
function missedBetween(told: Told, { offset, rooms, notices }: UserState): Publication[] {
  const missed: Publication[] = notices
    .filter((each) => each.offset > told.offset)
    .map((each) => ({ offset: each.offset, event: "user.notice", data: each.notice }));
  const taken = new Set(missed.map((each) => each.offset));
  const now = new Set(rooms);
  const changes = [
    ...rooms.filter((room) => !told.rooms.has(room)).map((room) => ({ event: "user.entered", room })),
    ...[...told.rooms].filter((room) => !now.has(room)).map((room) => ({ event: "user.left", room })),
  ];
  let place = offset;
  for (const { event, room } of changes) {
    while (taken.has(place)) place -= 1;
    missed.push({ offset: place, event, data: { room } });
    place -= 1;
  }
  return missed.sort((one, other) => one.offset - other.offset);
}
