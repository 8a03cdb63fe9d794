import type { Position, Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { ChannelResync } from "@grandstand/shared/events/channel";
import type { ChatMessage, ChatSnapshot } from "@grandstand/shared/events/chat";

export type Subscribed = OutputOf<"channel.subscribe">;

/** A gap that the reader was notified of. */
export interface ReportedGap {
  reason: string;
  from: Position;
  to: Position;
}

/**
 * The items that a reader of a room has received, and the guarantees that they violate. The class reads no clock: callers
 * pass the time as `at`.
 */
export class ReaderState {
  /** When each item arrived, by its id. */
  readonly arrivedAt = new Map<string, number>();
  /** The id of the item at each place. The keys have the form `<epoch> <offset>`. */
  readonly places = new Map<string, string>();
  readonly texts = new Map<string, string>();
  readonly reportedGaps: ReportedGap[] = [];
  /** Epochs in which Redis lost items that it had published. */
  readonly forks = new Set<string>();
  /** Violations of the guarantees. */
  readonly faults: string[] = [];
  position: Position | undefined;
  #isSubscribed = false;

  constructor(
    readonly name: string,
    readonly transport: string,
  ) {}

  get isLive(): boolean {
    return this.#isSubscribed;
  }

  subscribed({ recovered, reason, position, publications = [], snapshot }: Subscribed, at: number): void {
    this.#isSubscribed = true;
    if (recovered) {
      if (!this.position) this.#fault("recovered without a position to recover from");
      this.#take(position.epoch, publications, at);
      if (this.position?.offset !== position.offset)
        this.#fault(`recovered up to ${position.offset}, with fewer publications`);
      return;
    }
    if (this.position) {
      if (reason === undefined) this.#fault("not recovered, and no reason");
      this.reportedGaps.push({ reason: reason ?? "", from: this.position, to: position });
      if (reason === "ahead" || reason === "forked") this.forks.add(this.position.epoch);
    }
    for (const message of (snapshot as ChatSnapshot).messages)
      this.#note(position.epoch, message.offset, message, at);
    this.position = position;
  }

  /** @returns whether the reader has to subscribe again, because items are missing */
  pushed(epoch: string, publications: Publication[], at: number): boolean {
    if (!this.#isSubscribed) this.#fault("a push before the reply");
    const resync = publications.find(({ event }) => event === "channel.resync");
    if (resync === undefined) {
      this.#take(epoch, publications, at);
      return false;
    }
    const { reason } = resync.data as ChannelResync;
    if (this.position && (reason === "ahead" || reason === "forked")) this.forks.add(this.position.epoch);
    return true;
  }

  closed(): void {
    this.#isSubscribed = false;
  }

  #take(epoch: string, publications: Publication[], at: number): void {
    for (const { offset, event, data } of publications) {
      if (event === "chat.typing") continue;
      const { position } = this;
      if (position && (position.epoch !== epoch || position.offset + 1 !== offset)) {
        this.#fault(`${epoch} ${offset} came after ${position.epoch} ${position.offset}`);
      }
      const item = data as ChatMessage;
      this.#note(epoch, offset, item, at);
      this.position = { epoch, offset, id: item.id };
    }
  }

  #note(epoch: string, offset: number, { id, text }: Pick<ChatMessage, "id" | "text">, at: number): void {
    this.places.set(`${epoch} ${offset}`, id);
    if (this.arrivedAt.has(id)) return;
    this.arrivedAt.set(id, at);
    if (text !== undefined) this.texts.set(id, text);
  }

  #fault(what: string): void {
    this.faults.push(`${this.name} (${this.transport}): ${what}`);
  }
}
