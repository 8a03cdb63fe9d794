import { setTimeout } from "node:timers/promises";
import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import { type ChatTyping, chatView } from "@grandstand/shared/events/chat";
import type { Logger } from "pino";
import type { Connection } from "../../core/connection.js";
import type {
  ChannelLog,
  ChannelSource,
  Feed,
  JoinResult,
  LogPart,
  Publisher,
  SubscribeRequest,
} from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import { AccessReviewer } from "../shared/access-reviewer.js";
import { publicationOf } from "./items.js";
import { readMissed, readOpening } from "./log-reading.js";
import { type RoomGround, RoomStore } from "./store.js";

/** A room that told of nothing for this long is asked whether that is so. */
const QUIET_CHECK_MS = 40_000;
/** How soon a read that failed is tried again. */
const RETRY_MS = 500;
/** What Redis has published arrives within this time, unless it was lost. */
const ARRIVAL_MS = 250;
/** How often a subscriber is taken in anew because the log became another one meanwhile. */
const JOIN_ATTEMPTS = 3;

/** Live rooms: `chat:<room>`. */
export function chatSource(ground: RoomGround, log: Logger, quietCheckMs = QUIET_CHECK_MS): ChannelSource {
  return {
    topic: (room) => ground.keys.room(room).topic,
    open: (room, publisher) => new ChatFeed(new RoomStore(ground, room), publisher, log, quietCheckMs),
  };
}

interface Arrived {
  epoch: string;
  publication: Publication;
}

/**
 * One room as this node's readers follow it. It hands on what the topic brings, item by item. Where an item is left
 * out, or may be, it reads the log on from where it stands; and where that can't be, tells everyone so.
 */
class ChatFeed implements Feed {
  readonly #store: RoomStore;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #readers: AccessReviewer;
  readonly #group: string;
  /** All up to here was handed on; null until somebody has read where the log ends. */
  #position: Position | null = null;
  /** What arrives while the log is read waits here. */
  #arrived: Arrived[] | null = [];
  #isReading = false;
  /** Something may have been missed that no read has looked for yet. */
  #isDue = false;
  /** Those who wait until the feed has got further. */
  readonly #waiting = new Set<() => void>();
  readonly #quietCheck: NodeJS.Timeout;
  #hasHeard = true;
  #isClosed = false;

  constructor(store: RoomStore, publisher: Publisher, log: Logger, quietCheckMs: number) {
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
    this.#group = `chat:${store.room}`;
    this.#readers = new AccessReviewer(store, publisher, () => this.#position);
    this.#quietCheck = setInterval(() => void this.#checkQuiet(), quietCheckMs);
  }

  get log(): ChannelLog {
    const { position } = this;
    return { position, readBehind: (from) => this.#readBehind(from) };
  }

  get position(): Position {
    if (this.#position === null) throw new TypeError("nobody has joined this room");
    return this.#position;
  }

  async join(subscriber: Subscription, { view, since }: SubscribeRequest): Promise<JoinResult> {
    const { messages } = chatView.parse(view ?? {});
    for (let attempt = 1; attempt <= JOIN_ATTEMPTS; attempt += 1) {
      // What arrived so far was appended before the log is read, and so is in what is read.
      subscriber.stateTaken();
      const { caller } = subscriber.connection;
      const { part, end, access } = await readOpening(this.#store, caller, since, messages);
      this.#begin(part.position, end, access);
      if (!(await this.#reaches(end))) continue;
      const isRecovered = "publications" in part;
      return {
        group: this.#group,
        position: part.position,
        recovered: isRecovered,
        ...(isRecovered
          ? { publications: part.publications, isBehind: part.position.offset < end.offset }
          : {
              ...("snapshot" in part && { snapshot: part.snapshot }),
              ...(part.reason && { reason: part.reason }),
            }),
      };
    }
    throw new GrandstandError("unavailable", "The room can't be followed right now", {
      retryAfterMs: RETRY_MS,
    });
  }

  leave(): void {}

  receive(message: string): void {
    this.#hasHeard = true;
    const [, kind, content] = /^(\w+) (.*)$/s.exec(message) as unknown as [string, string, string];
    if (kind === "item") this.#onItem(content);
    else if (kind === "typing") this.#onTyping(JSON.parse(content) as ChatTyping);
    else if (kind === "access") this.#onAccess(content);
  }

  resync(): void {
    this.#readers.checkAll();
    this.#readOn();
  }

  onRightsChanged({ caller }: Connection): void {
    if (caller.kind === "user") this.#readers.check([caller.user.id]);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#quietCheck);
    this.#readers.close();
    this.#wake();
  }

  /** The first to read where the log ends says where the feed begins. */
  #begin(position: Position, end: Position, access: string): void {
    if (this.#position !== null) return;
    // Who is taken in behind the end goes on by the log, of which the feed hands on the rest as well.
    this.#position = position;
    this.#readers.note(access);
    if (this.#isDue || position.offset < end.offset) this.#readOn();
    else this.#takeArrived();
  }

  #onItem(content: string): void {
    const [, epoch, offset, item] = /^(\S+) (\d+) (.*)$/s.exec(content) as unknown as string[];
    this.#arrive({ epoch: epoch!, publication: publicationOf(Number(offset), item!) });
  }

  #arrive(arrived: Arrived): void {
    if (this.#arrived !== null) {
      this.#arrived.push(arrived);
      return;
    }
    const { epoch, publication } = arrived;
    const { position } = this;
    if (epoch === position.epoch && publication.offset === position.offset + 1) {
      this.#handOn([publication], placeOf(epoch, publication));
      return;
    }
    // One was left out; or this one was read already, or is another one of the same offset in a log that lost its end.
    this.#readOn();
    this.#arrived = [arrived];
  }

  #onTyping(typing: ChatTyping): void {
    if (this.#position === null) return;
    const { epoch, offset } = this.#position;
    this.#publisher.publishEphemeral(
      this.#group,
      epoch,
      { offset, event: "chat.typing", data: typing },
      ({ caller }) => caller.kind === "user" && caller.user.id === typing.user,
    );
  }

  #onAccess(user: string): void {
    if (user !== "") {
      this.#readers.check([user]);
      return;
    }
    this.#readers.checkAll();
    // The room may have been dropped.
    this.#readOn();
  }

  #handOn(publications: Publication[], position: Position): void {
    this.#position = position;
    if (publications.length > 0) this.#publisher.publish(this.#group, position.epoch, publications);
    this.#wake();
  }

  /** Nothing leads from where the feed stood to where the log is. */
  #lose(reason: RecoveryFailure, position: Position): void {
    this.#log.warn({ room: this.#store.room, reason }, "a part of a chat log is gone");
    const { offset } = position;
    this.#handOn([{ offset, event: "channel.resync", data: { reason } }], position);
  }

  /** Reads the log on from where the feed stands, after the read that may be under way. */
  #readOn(): void {
    this.#isDue = true;
    if (this.#isReading || this.#position === null) return;
    this.#isReading = true;
    this.#arrived ??= [];
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      try {
        await this.#readOnce();
      } catch (error) {
        this.#isDue = true;
        this.#log.debug({ err: error, room: this.#store.room }, "reading a chat log failed");
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#isReading = false;
    if (!this.#isClosed) this.#takeArrived();
  }

  async #readOnce(): Promise<void> {
    const { part, end, access } = await readMissed(this.#store, this.position);
    if (this.#isClosed) return;
    this.#readers.note(access);
    if ("reason" in part) this.#lose(part.reason, part.position);
    else {
      this.#handOn(part.publications, part.position);
      if (part.position.offset < end.offset) this.#isDue = true;
    }
  }

  /** Hands on what arrived meanwhile, as far as it was not read. */
  #takeArrived(): void {
    const arrived = this.#arrived ?? [];
    this.#arrived = null;
    for (const each of arrived) {
      const { epoch, offset } = this.position;
      const wasRead = each.epoch === epoch && each.publication.offset <= offset;
      if (!wasRead) this.#arrive(each);
    }
  }

  async #readBehind(position: Position): Promise<LogPart> {
    return (await readMissed(this.#store, position)).part;
  }

  /** Waits until the feed has handed on all up to the end of the log as a reader saw it. */
  async #reaches(end: Position): Promise<boolean> {
    const isThere = () => this.position.epoch === end.epoch && this.position.offset >= end.offset;
    if (isThere()) return true;
    if (this.position.epoch === end.epoch) await this.#waitFor(isThere, ARRIVAL_MS);
    if (isThere()) return true;
    this.#readOn();
    await this.#waitFor(() => isThere() || !this.#isReading, 4 * ARRIVAL_MS);
    return isThere();
  }

  async #waitFor(isSo: () => boolean, timeoutMs: number): Promise<void> {
    const patience = AbortSignal.timeout(timeoutMs);
    while (!isSo() && !this.#isClosed && !patience.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          patience.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        patience.addEventListener("abort", wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Compares where the feed stands with where the log ends, if nothing was heard for long. */
  async #checkQuiet(): Promise<void> {
    const wasQuiet = !this.#hasHeard;
    this.#hasHeard = false;
    if (!wasQuiet || this.#position === null || this.#isReading) return;
    try {
      const { epoch, offset, id = "" } = this.#position;
      const end = await this.#store.end();
      if (this.#isClosed) return;
      this.#readers.note(end.access);
      if (end.epoch !== epoch || end.offset !== offset || end.id !== id) this.#readOn();
    } catch (error) {
      this.#log.debug({ err: error, room: this.#store.room }, "asking for the end of a chat log failed");
    }
  }
}

function placeOf(epoch: string, { offset, data }: Publication): Position {
  return { epoch, offset, id: (data as { id: string }).id };
}
