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
  Publisher,
  SubscribeRequest,
} from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import type { Observer } from "../../observer/observer.js";
import { AccessReviewer } from "../shared/access-reviewer.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import { RETRY_MS } from "../shared/retry.js";
import { publicationOf } from "./items.js";
import { readLog } from "./log.js";
import { type ChatDependencies, RoomStore } from "./store.js";
import { type SubscriptionStart, SubscriptionStarts } from "./subscription-starts.js";

/** After this long without a message on the topic, the feed compares its position with the end of the log. */
const QUIET_CHECK_MS = 40_000;
/** A message on the topic arrives within this time after Redis published it, unless it was lost. */
const ARRIVAL_MS = 250;
/** How often a subscriber reads the log again because its epoch changed meanwhile. */
const JOIN_ATTEMPTS = 3;

/** The source of the channels `chat:<room>`. */
export function chatSource(dependencies: ChatDependencies, quietCheckMs = QUIET_CHECK_MS): ChannelSource {
  return {
    topic: (room) => dependencies.keys.room(room).topic,
    open: (room, publisher) =>
      new ChatFeed(new RoomStore(dependencies, room), publisher, dependencies, quietCheckMs),
  };
}

/** An item as it came over the topic. */
interface ReceivedItem {
  epoch: string;
  publication: Publication;
}

type FeedState =
  /** Nobody has read the end of the log yet. `isStale`: items may have been missed since the feed opened. */
  | { kind: "opening"; received: ReceivedItem[]; isStale: boolean }
  /** Everything up to `position` is published, and items are published as they arrive. */
  | { kind: "live"; position: Position }
  /** The log is read from `position` on; items wait. `isStale`: items may have been missed since that read began. */
  | { kind: "reading"; position: Position; received: ReceivedItem[]; isStale: boolean };

/**
 * One room on this node. It publishes the items that the topic brings. Where items are missing, or may be, it reads the log
 * from its position on; where the log does not have them any more, it tells the subscribers to resync.
 */
class ChatFeed implements Feed {
  readonly #store: RoomStore;
  readonly #starts: SubscriptionStarts;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #accessReviewer: AccessReviewer;
  readonly #group: string;
  readonly #reading: CoalescedTask;
  readonly #quietCheck: NodeJS.Timeout;
  #state: FeedState = { kind: "opening", received: [], isStale: false };
  /** Called when the position or the kind of state has changed. */
  readonly #progressListeners = new Set<() => void>();
  #hasReceived = true;
  #isClosed = false;

  constructor(
    store: RoomStore,
    publisher: Publisher,
    { log, observer }: Pick<ChatDependencies, "log" | "observer">,
    quietCheckMs: number,
  ) {
    this.#store = store;
    this.#starts = new SubscriptionStarts(store);
    this.#publisher = publisher;
    this.#log = log;
    this.#observer = observer;
    this.#group = `chat:${store.room}`;
    this.#accessReviewer = new AccessReviewer(store, publisher, () =>
      this.#state.kind === "opening" ? null : this.#state.position,
    );
    this.#reading = new CoalescedTask(
      () => this.#read(),
      (error) => log.debug({ err: error, room: store.room }, "reading a chat log failed"),
    );
    this.#quietCheck = setInterval(() => void this.#checkQuietRoom(), quietCheckMs);
  }

  get log(): ChannelLog {
    return {
      position: this.position,
      readBehind: async (from) => (await readLog(this.#store, from)).part,
    };
  }

  get position(): Position {
    if (this.#state.kind === "opening") throw new TypeError("nobody has subscribed to this room yet");
    return this.#state.position;
  }

  async join(subscriber: Subscription, { view, since }: SubscribeRequest): Promise<JoinResult> {
    const { messages } = chatView.parse(view ?? {});
    const { caller } = subscriber.connection;
    for (let attempt = 1; attempt <= JOIN_ATTEMPTS; attempt += 1) {
      // Publications up to here were appended before the log is read, so the reading contains them.
      subscriber.stateTaken();
      const start = await this.#starts.read(caller, since, messages);
      this.#begin(start);
      if (await this.#reaches(start.end)) return { group: this.#group, ...replyOf(start) };
    }
    throw new GrandstandError("unavailable", "The room can't be followed right now", {
      retryAfterMs: RETRY_MS,
    });
  }

  leave(): void {}

  receive(message: string): void {
    this.#hasReceived = true;
    const [, kind, content] = /^(\w+) (.*)$/s.exec(message) as unknown as [string, string, string];
    if (kind === "item") this.#receiveItem(receivedItemOf(content));
    else if (kind === "typing") this.#publishTyping(JSON.parse(content) as ChatTyping);
    else if (kind === "access") this.#reviewAccess(content);
  }

  resync(): void {
    this.#accessReviewer.checkAll();
    this.#readMissed();
  }

  onRightsChanged({ caller }: Connection): void {
    if (caller.kind === "user") this.#accessReviewer.check([caller.user.id]);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#quietCheck);
    this.#accessReviewer.close();
    this.#reading.close();
    this.#reportProgress();
  }

  /** The first subscriber's reading gives the feed its position. */
  #begin({ part: { position }, end, access }: SubscriptionStart): void {
    const state = this.#state;
    if (state.kind !== "opening") return;
    this.#accessReviewer.note(access);
    this.#state = { kind: "reading", position, received: state.received, isStale: false };
    if (state.isStale || position.offset < end.offset) this.#reading.request();
    else this.#goLive(this.#state);
  }

  #receiveItem(item: ReceivedItem): void {
    const state = this.#state;
    if (state.kind !== "live") {
      state.received.push(item);
      return;
    }
    const { epoch, publication } = item;
    if (epoch === state.position.epoch && publication.offset === state.position.offset + 1) {
      this.#publish([publication], { epoch, offset: publication.offset, id: idOf(publication) });
      return;
    }
    // An item was missed; or this one was read already, or its log lost its end and reuses the offset.
    this.#readMissed([item]);
  }

  #publishTyping(typing: ChatTyping): void {
    if (this.#state.kind === "opening") return;
    const { epoch, offset } = this.#state.position;
    this.#publisher.publishEphemeral(
      this.#group,
      epoch,
      { offset, event: "chat.typing", data: typing },
      ({ caller }) => caller.kind === "user" && caller.user.id === typing.user,
    );
  }

  /** @param user "" when the access of everyone has changed */
  #reviewAccess(user: string): void {
    if (user !== "") {
      this.#accessReviewer.check([user]);
      return;
    }
    this.#accessReviewer.checkAll();
    // The room may have been dropped.
    this.#readMissed();
  }

  #publish(publications: Publication[], position: Position): void {
    if (this.#state.kind === "opening") return;
    this.#state.position = position;
    if (publications.length > 0) this.#publisher.publish(this.#group, position.epoch, publications);
    this.#reportProgress();
  }

  #publishLoss(reason: RecoveryFailure, position: Position): void {
    this.#log.warn({ room: this.#store.room, reason }, "a chat log lost items");
    const { offset } = position;
    this.#publish([{ offset, event: "channel.resync", data: { reason } }], position);
  }

  /** Reads the log from the feed's position on. A read that is in progress is followed by another one. */
  #readMissed(received: ReceivedItem[] = []): void {
    const state = this.#state;
    if (state.kind !== "live") {
      state.isStale = true;
      return;
    }
    this.#state = { kind: "reading", position: state.position, received, isStale: false };
    this.#reading.request();
  }

  async #read(): Promise<void> {
    const state = this.#state;
    if (state.kind !== "reading") return;
    state.isStale = false;
    const { part, end, access } = await readLog(this.#store, state.position);
    if (this.#isClosed) return;
    this.#accessReviewer.note(access);
    if ("reason" in part) this.#publishLoss(part.reason, part.position);
    else {
      this.#noteHealed(part, state.received);
      this.#publish(part.publications, part.position);
    }
    if (state.isStale || part.position.offset < end.offset) this.#reading.request();
    else this.#goLive(state);
  }

  #noteHealed(
    { publications, position }: { publications: Publication[]; position: Position },
    received: ReceivedItem[],
  ): void {
    const arrived = received.filter(({ publication }) => publication.offset <= position.offset).length;
    const missed = publications.length - arrived;
    if (missed > 0) this.#observer.note("gapHealed", { kind: "chat", publications: missed });
  }

  /** Publishes the items that arrived during a read and that it did not contain. */
  #goLive({ position, received }: { position: Position; received: ReceivedItem[] }): void {
    this.#state = { kind: "live", position };
    for (const item of received) {
      const { epoch, offset } = this.position;
      const wasRead = item.epoch === epoch && item.publication.offset <= offset;
      if (!wasRead) this.#receiveItem(item);
    }
    this.#reportProgress();
  }

  /** Waits until the feed has published everything up to the end of the log that a subscriber read. */
  async #reaches(end: Position): Promise<boolean> {
    const hasReached = () => this.position.epoch === end.epoch && this.position.offset >= end.offset;
    if (!hasReached() && this.position.epoch === end.epoch) await this.#waitUntil(hasReached, ARRIVAL_MS);
    if (hasReached()) return true;
    this.#readMissed();
    await this.#waitUntil(() => hasReached() || this.#state.kind !== "reading", 4 * ARRIVAL_MS);
    return hasReached();
  }

  async #waitUntil(isTrue: () => boolean, timeoutMs: number): Promise<void> {
    const timeout = AbortSignal.timeout(timeoutMs);
    while (!isTrue() && !this.#isClosed && !timeout.aborted) {
      await new Promise<void>((resolve) => {
        const onProgress = () => {
          this.#progressListeners.delete(onProgress);
          timeout.removeEventListener("abort", onProgress);
          resolve();
        };
        this.#progressListeners.add(onProgress);
        timeout.addEventListener("abort", onProgress);
      });
    }
  }

  #reportProgress(): void {
    for (const onProgress of [...this.#progressListeners]) onProgress();
  }

  /** A lost message on the topic shows at the next item. In a room without one, this check finds it. */
  async #checkQuietRoom(): Promise<void> {
    const wasQuiet = !this.#hasReceived;
    this.#hasReceived = false;
    if (this.#state.kind !== "live") return;
    // The epoch of a log without items expires unless it is read.
    if (!wasQuiet && this.#state.position.offset > 0) return;
    try {
      const { epoch, offset, id = "" } = this.#state.position;
      const end = await this.#store.end();
      if (this.#isClosed) return;
      this.#accessReviewer.note(end.access);
      if (end.epoch !== epoch || end.offset !== offset || end.id !== id) this.#readMissed();
    } catch (error) {
      this.#log.debug({ err: error, room: this.#store.room }, "reading the end of a chat log failed");
    }
  }
}

function receivedItemOf(content: string): ReceivedItem {
  const [, epoch, offset, item] = /^(\S+) (\d+) (.*)$/s.exec(content) as unknown as string[];
  return { epoch: epoch!, publication: publicationOf(Number(offset), item!) };
}

function idOf({ data }: Publication): string {
  return (data as { id: string }).id;
}

function replyOf({ part, end }: SubscriptionStart): Omit<JoinResult, "group"> {
  const { position } = part;
  if ("publications" in part) {
    const { publications } = part;
    return { position, recovered: true, publications, isBehind: position.offset < end.offset };
  }
  return {
    position,
    recovered: false,
    ...("snapshot" in part && { snapshot: part.snapshot }),
    ...(part.reason && { reason: part.reason }),
  };
}
