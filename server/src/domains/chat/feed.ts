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

/** A feed without a message for this long compares its position with the end of the log. */
const QUIET_CHECK_MS = 40_000;
/** A message on the topic arrives within this time after Redis published it, unless it was lost. */
const ARRIVAL_MS = 250;
/**
 * How many times a join reads the log, at most. Each read also returns the position of the log's last item. The join
 * waits until the feed has published all items up to that position. If the feed does not get there, the join reads again.
 */
const JOIN_ATTEMPTS = 3;

/** The source of the channels `chat:<room>`. */
export function chatSource(dependencies: ChatDependencies, quietCheckMs = QUIET_CHECK_MS): ChannelSource {
  return {
    topic: (room) => dependencies.keys.room(room).topic,
    open: (room, publisher) =>
      new ChatFeed(new RoomStore(dependencies, room), publisher, dependencies, quietCheckMs),
  };
}

/** An item in a message on the topic, with the epoch of its log. */
interface ReceivedItem {
  epoch: string;
  publication: Publication;
}

type FeedState =
  /** No subscriber has read the log yet. `isStale`: items may have been missed since the feed opened. */
  | { kind: "opening"; received: ReceivedItem[]; isStale: boolean }
  /** All items up to `position` are published. The next item is published when it arrives. */
  | { kind: "live"; position: Position }
  /**
   * The feed reads the log from `position` on. Items that arrive meanwhile wait in `received`. `isStale`: items may
   * have been missed since the read began, so another read follows.
   */
  | { kind: "reading"; position: Position; received: ReceivedItem[]; isStale: boolean };

/**
 * The feed of one room. It publishes the items that arrive on the topic. When items are or may be missing, it reads the
 * log from its position on. When the log no longer has the missing items, it publishes `channel.resync`.
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
  /** Called when the position has changed, when the feed becomes live, and when it closes. */
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
    if (this.#state.kind === "opening")
      throw new TypeError("the feed has no position before its first subscriber");
    return this.#state.position;
  }

  async join(subscriber: Subscription, { view, since }: SubscribeRequest): Promise<JoinResult> {
    const { messages } = chatView.parse(view ?? {});
    const { caller } = subscriber.connection;
    for (let attempt = 1; attempt <= JOIN_ATTEMPTS; attempt += 1) {
      // Items that were published up to now are in the log that is read next, so the subscriber needs only later ones.
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

  /** Sets the feed's position to the position up to which the first subscriber read the log. */
  #begin({ part: { position }, end, accessVersion }: SubscriptionStart): void {
    const state = this.#state;
    if (state.kind !== "opening") return;
    this.#accessReviewer.note(accessVersion);
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
    // Four causes are possible: an earlier item was missed, this item was already read, the log has a new epoch, or the log
    // lost its last items and uses their offsets again. A read of the log shows the cause.
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

  /** @param user "" when the access of all users may have changed */
  #reviewAccess(user: string): void {
    if (user !== "") {
      this.#accessReviewer.check([user]);
      return;
    }
    this.#accessReviewer.checkAll();
    // `chat.drop` sends this message too. A read of the log finds out whether the room was dropped.
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

  /** Reads the log from the feed's position on. If a read is in progress, another one follows it. */
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
    const { part, end, accessVersion } = await readLog(this.#store, state.position);
    if (this.#isClosed) return;
    this.#accessReviewer.note(accessVersion);
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

  /** Publishes the items that arrived on the topic during a read and were not part of it. */
  #goLive({ position, received }: { position: Position; received: ReceivedItem[] }): void {
    this.#state = { kind: "live", position };
    for (const item of received) {
      const { epoch, offset } = this.position;
      const wasRead = item.epoch === epoch && item.publication.offset <= offset;
      if (!wasRead) this.#receiveItem(item);
    }
    this.#reportProgress();
  }

  /**
   * Waits until the feed has published all items up to the end of the log that a subscriber read.
   * @returns false when the log's epoch has changed since, or the items did not arrive in time
   */
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

  /** Finds items whose messages on the topic were lost. In a quiet room, no later item arrives that would reveal the gap. */
  async #checkQuietRoom(): Promise<void> {
    const wasQuiet = !this.#hasReceived;
    this.#hasReceived = false;
    if (this.#state.kind !== "live") return;
    // A log without items is always checked, because the check (read-end.lua) also renews the TTL of the log's epoch.
    if (!wasQuiet && this.#state.position.offset > 0) return;
    try {
      const { epoch, offset, id = "" } = this.#state.position;
      const end = await this.#store.end();
      if (this.#isClosed) return;
      this.#accessReviewer.note(end.accessVersion);
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
