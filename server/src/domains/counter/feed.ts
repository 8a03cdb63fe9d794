import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import type { Logger } from "pino";
import { CoalescedRead } from "../../live/coalesced-read.js";
import type { ChannelSource, Feed, JoinResult, Publisher } from "../../live/source.js";
import { endedEarly, type Subscription } from "../../live/subscription.js";
import type { RedisCommands } from "../../redis/commands.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { type Crossing, crossingsOf } from "./rules.js";

/** The least time between two published values. */
const PUBLISH_INTERVAL_MS = 100;
/**
 * change.lua publishes a notice to tell nodes of a change. For NOTICE_MS (95 ms) after a notice, it publishes none for
 * further changes, unless they cross a threshold. A read this long after the notice sees these changes.
 */
const SILENCE_MS = 100;
/** The least time between two reads. */
const READ_INTERVAL_MS = 10;
const RETRY_MS = 500;

/** The state of a counter as its subscribers see it. */
interface CounterState {
  /** Null for a counter that does not exist. */
  epoch: string | null;
  offset: number;
  value: number;
  /** The thresholds crossed since the counter was set or reset, oldest first. */
  crossings: Crossing[];
}

/** A state with an epoch. Epoch and offset together are a position in the channel. */
type PositionedState = CounterState & { epoch: string };

/** The state of a counter that did not exist when the feed first read it. The write that creates it begins a new epoch. */
const untouched: PositionedState = { epoch: "none", offset: 0, value: 0, crossings: [] };

/**
 * A subscriber that joins while the latest state is not published yet. Its join waits for the publication. Without the
 * wait, the subscriber would receive this state twice: first as its snapshot, then as the publication.
 */
interface Joiner {
  subscriber: Subscription;
  resolve(state: PositionedState): void;
  reject(error: unknown): void;
}

/** Whether the latest state has been read and published. */
type Publishing =
  /** Nothing was read yet. */
  | { kind: "unread" }
  /** Subscribers have received the latest state. */
  | { kind: "published"; state: PositionedState }
  /** Subscribers receive the latest state when PUBLISH_INTERVAL_MS has passed since the last publication. */
  | { kind: "pending"; state: PositionedState; timer: NodeJS.Timeout; joiners: Joiner[] }
  | { kind: "closed" };

/** The channels `counter:<id>`. */
export function counterSource({ redis, keys, log }: DomainDependencies): ChannelSource {
  return {
    topic: (counter) => keys.counter(counter).topic,
    open: (counter, publisher) =>
      new CounterFeed(
        `counter:${counter}`,
        () => readState(redis, keys.counter(counter).meta),
        publisher,
        log,
      ),
  };
}

/**
 * The feed of one counter. It takes the state from notices, and reads it when there may be changes without a notice. It
 * publishes a value at most once in PUBLISH_INTERVAL_MS: at once after a longer pause, else when the interval is over.
 */
class CounterFeed implements Feed {
  readonly #channel: string;
  readonly #publisher: Publisher;
  readonly #reads: CoalescedRead<null, null>;
  #publishing: Publishing = { kind: "unread" };
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(channel: string, read: () => Promise<CounterState>, publisher: Publisher, log: Logger) {
    this.#channel = channel;
    this.#publisher = publisher;
    this.#reads = new CoalescedRead({
      intervalMs: READ_INTERVAL_MS,
      retryMs: RETRY_MS,
      read: async () => {
        const known = this.#state;
        this.#acceptRead(known, await read());
        return null;
      },
      onFailure: (error) => log.warn({ err: error, channel }, "Reading a watched counter failed"),
    });
  }

  async join(subscriber: Subscription): Promise<JoinResult> {
    await this.#reads.request(null);
    const { epoch, offset, value, crossings } = await this.#publishedState(subscriber);
    const snapshot: CounterSnapshot = { value, crossed: crossings.map(({ threshold }) => threshold) };
    return { group: this.#channel, position: { epoch, offset }, recovered: false, snapshot };
  }

  /** Does nothing: the feed keeps only joiners, and forgets each joiner at the next publication. */
  leave(): void {}

  receive(message: string): void {
    const noticed = noticedState(message);
    // A notice of another epoch may be older or newer than the known state. A read finds the current epoch.
    if (noticed.epoch === this.#state?.epoch) this.#accept(noticed);
    else this.#reads.schedule("change", performance.now());
    this.#expectSilentChanges();
  }

  resync(): void {
    this.#reads.schedule("change", performance.now());
    this.#expectSilentChanges();
  }

  close(): void {
    const before = this.#publishing;
    this.#publishing = { kind: "closed" };
    this.#reads.close();
    if (before.kind !== "pending") return;
    clearTimeout(before.timer);
    for (const { reject } of before.joiners) reject(endedEarly());
  }

  get #state(): PositionedState | null {
    return "state" in this.#publishing ? this.#publishing.state : null;
  }

  #expectSilentChanges(): void {
    this.#reads.schedule("silent changes", performance.now() + SILENCE_MS);
  }

  /** @param known the feed's state when the read began */
  #acceptRead(known: PositionedState | null, state: CounterState): void {
    if (known && state.epoch === known.epoch && state.offset < known.offset) this.#startOver(known, state);
    else this.#accept(state);
  }

  /** Redis lost changes that the feed had already received, such as in a failover. Every subscriber must subscribe again. */
  #startOver(before: PositionedState, lost: CounterState): void {
    const publishing = this.#publishing;
    if (publishing.kind === "closed") return;
    const state = positioned(lost, null);
    this.#publishing = { kind: "published", state };
    const { epoch, offset } = before;
    const resync = { offset, event: "channel.resync", data: { reason: "skipped" } };
    this.#publisher.publish(this.#channel, epoch, [resync]);
    this.#release(publishing, state);
  }

  #accept(accepted: CounterState): void {
    const publishing = this.#publishing;
    if (publishing.kind === "closed") return;
    const before = this.#state;
    const state = positioned(accepted, before);
    if (before?.epoch === state.epoch && state.offset <= before.offset) return;
    if (before === null) {
      // Subscribers receive the first state as their snapshot, so it is not published. Changes may follow without a
      // notice, if the last notice was published shortly before this node subscribed to the topic.
      this.#publishing = { kind: "published", state };
      this.#expectSilentChanges();
      return;
    }
    this.#publishCrossings(before, state);
    const waitMs = this.#publishedAt + PUBLISH_INTERVAL_MS - performance.now();
    if (waitMs <= 0) {
      this.#publish(publishing, state);
    } else if (publishing.kind === "pending") {
      publishing.state = state;
    } else {
      const timer = setTimeout(() => this.#publishPending(), Math.ceil(waitMs));
      this.#publishing = { kind: "pending", state, timer, joiners: [] };
    }
  }

  #publishCrossings(before: PositionedState, { epoch, crossings }: PositionedState): void {
    for (const { threshold, value, offset } of crossings) {
      if (epoch === before.epoch && offset <= before.offset) continue;
      const data: CounterThreshold = { threshold, value };
      this.#publisher.publish(this.#channel, epoch, [{ offset, event: "counter.threshold", data }]);
    }
  }

  #publishPending(): void {
    if (this.#publishing.kind === "pending") this.#publish(this.#publishing, this.#publishing.state);
  }

  #publish(before: Publishing, state: PositionedState): void {
    this.#publishing = { kind: "published", state };
    this.#publishedAt = performance.now();
    const { epoch, offset, value } = state;
    const data: CounterUpdated = { value };
    this.#publisher.publish(this.#channel, epoch, [{ offset, event: "counter.updated", data }]);
    this.#release(before, state);
  }

  /** Completes the joins that waited until this state was published. */
  #release(before: Publishing, state: PositionedState): void {
    if (before.kind !== "pending") return;
    clearTimeout(before.timer);
    for (const { subscriber, resolve } of before.joiners) {
      subscriber.stateTaken();
      resolve(state);
    }
  }

  #publishedState(subscriber: Subscription): Promise<PositionedState> {
    return new Promise((resolve, reject) => {
      const publishing = this.#publishing;
      if (publishing.kind === "pending") {
        publishing.joiners.push({ subscriber, resolve, reject });
      } else if (publishing.kind === "published") {
        subscriber.stateTaken();
        resolve(publishing.state);
      } else {
        throw endedEarly();
      }
    });
  }
}

async function readState(redis: RedisCommands, meta: string): Promise<CounterState> {
  const [epoch, offset, value, crossed] = await redis.hmget(meta, "epoch", "offset", "value", "crossed");
  return {
    epoch: epoch ?? null,
    offset: Number(offset ?? 0),
    value: Number(value ?? 0),
    crossings: crossingsOf(crossed ?? ""),
  };
}

/** Decodes a notice: "epoch offset value", then the crossed thresholds (change.lua). */
function noticedState(notice: string): PositionedState {
  const [epoch, offset, value, ...crossed] = notice.split(" ");
  return {
    epoch: epoch!,
    offset: Number(offset),
    value: Number(value),
    crossings: crossingsOf(crossed.join(" ")),
  };
}

/**
 * Gives an epoch and an offset to the state of a counter that does not exist. `before` is the state that the feed knew.
 *
 * - `before` is null: the result is `untouched`.
 * - `before` has the value 0 and no crossings: subscribers would see no change, so the result is `before`.
 * - Otherwise the counter was deleted since. The result has the value 0, and the next offset of the epoch of `before`.
 */
function positioned(state: CounterState, before: PositionedState | null): PositionedState {
  const { epoch } = state;
  if (epoch !== null) return { ...state, epoch };
  if (before === null) return untouched;
  const isClear = before.value === 0 && before.crossings.length === 0;
  return isClear ? before : { ...untouched, epoch: before.epoch, offset: before.offset + 1 };
}
