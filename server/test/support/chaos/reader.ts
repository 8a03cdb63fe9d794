import type { Position, Publication, Push } from "@grandstand/shared/channels";
import type { ChannelResync } from "@grandstand/shared/events/channel";
import type { ChatMessage, ChatSnapshot } from "@grandstand/shared/events/chat";
import { type Listener, lines, type Subscribed } from "./lines.js";

/** A gap that the reader was told about. */
export interface ReportedGap {
  reason: string;
  from: Position;
  to: Position;
}

/** Follows a room through all faults as a careful client does, and records what it received. */
export class Reader implements Listener {
  /** When each item arrived, by its id. */
  readonly arrivedAt = new Map<string, number>();
  /** The id of the item at each place, by `epoch offset`. */
  readonly places = new Map<string, string>();
  readonly texts = new Map<string, string>();
  readonly reportedGaps: ReportedGap[] = [];
  /** Epochs in which Redis lost items that it had published. */
  readonly forks = new Set<string>();
  /** Violations of the guarantees. */
  readonly faults: string[] = [];
  connects = 0;
  position: Position | undefined;
  #line: { drop(): void } | undefined;
  #isSubscribed = false;
  #isOver = false;

  constructor(
    readonly name: string,
    readonly transport: string,
    readonly channel: string,
    readonly chooseUrl: () => string,
  ) {}

  get isLive(): boolean {
    return this.#isSubscribed;
  }

  open(): void {
    this.connects += 1;
    this.#line = lines[this.transport]!(this.chooseUrl(), this.channel, this.position, this);
  }

  drop(): void {
    this.#line?.drop();
  }

  close(): void {
    this.#isOver = true;
    this.drop();
  }

  onSubscribed({ recovered, reason, position, publications = [], snapshot }: Subscribed): void {
    this.#isSubscribed = true;
    if (recovered) {
      if (!this.position) this.#fault("recovered without a position to recover from");
      this.#take(position.epoch, publications);
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
      this.#note(position.epoch, message.offset, message);
    this.position = position;
  }

  onPush({ epoch, publications }: Push): void {
    if (!this.#isSubscribed) this.#fault("a push before the reply");
    const resync = publications.find(({ event }) => event === "channel.resync");
    if (resync) {
      const { reason } = resync.data as ChannelResync;
      if (this.position && (reason === "ahead" || reason === "forked")) this.forks.add(this.position.epoch);
      // Subscribes again: the reply says what is missing.
      this.drop();
      return;
    }
    this.#take(epoch, publications);
  }

  onClosed(reconnectAfterMs = 100): void {
    this.#isSubscribed = false;
    if (!this.#isOver) setTimeout(() => this.#isOver || this.open(), reconnectAfterMs);
  }

  #take(epoch: string, publications: Publication[]): void {
    for (const { offset, event, data } of publications) {
      if (event === "chat.typing") continue;
      const { position } = this;
      if (position && (position.epoch !== epoch || position.offset + 1 !== offset)) {
        this.#fault(`${epoch} ${offset} came after ${position.epoch} ${position.offset}`);
      }
      const item = data as ChatMessage;
      this.#note(epoch, offset, item);
      this.position = { epoch, offset, id: item.id };
    }
  }

  #note(epoch: string, offset: number, { id, text }: Pick<ChatMessage, "id" | "text">): void {
    this.places.set(`${epoch} ${offset}`, id);
    if (this.arrivedAt.has(id)) return;
    this.arrivedAt.set(id, performance.now());
    if (text !== undefined) this.texts.set(id, text);
  }

  #fault(what: string): void {
    this.faults.push(`${this.name} (${this.transport}): ${what}`);
  }
}
