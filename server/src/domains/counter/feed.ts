import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { Batcher } from "../../live/batcher.js";
import type { ChannelSource, Feed, JoinResult, Publisher } from "../../live/source.js";
import { endedEarly, type Subscription } from "../../live/subscription.js";
import type { Keys } from "../../redis/keys.js";
import { type CounterState, noticedState, readState } from "./watched-state.js";

/** The least time between two values that watchers are told: ten a second (CN4). */
const INTERVAL_MS = 100;
/**
 * How long after a notice the counter is read once more. It is longer than the time in which change.lua sends no
 * second notice, so a read this long after one sees every change that the notice stood for.
 */
const SILENCE_MS = 100;
/** How soon a read that failed is tried again. */
const RETRY_MS = 500;

/** A state with a place in the channel. */
type PlacedState = CounterState & { epoch: string };

/** Where a counter stands that nothing was ever written to. The first write begins an epoch of its own. */
const untouched: PlacedState = { epoch: "none", offset: 0, value: 0, crossings: [] };

interface Joiner {
  subscriber: Subscription;
  resolve(state: PlacedState): void;
  reject(error: unknown): void;
}

/** Live counters: `counter:<id>`. */
export function counterSource(redis: Redis, keys: Keys, log: Logger): ChannelSource {
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
 * One counter as this node's watchers see it. It learns of the counter's state by notices, and by reading it where
 * there may have been changes without one. It tells watchers of a change at once after a quiet spell, else at the end
 * of the interval, so that the last state always arrives.
 */
class CounterFeed implements Feed {
  readonly #channel: string;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  /** A read begins after the moment of asking; those who ask together share one. */
  readonly #reads: Batcher<null, CounterState>;

  /** The latest state known; null until it was read for the first time. */
  #state: PlacedState | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Runs while watchers have yet to be told of the latest state. */
  #telling: NodeJS.Timeout | undefined;
  /** Runs while there may be changes that no notice told of. */
  #reading: NodeJS.Timeout | undefined;
  /** Those who wait for the latest state to be told to all: what is told then would reach them a second time. */
  #joiners: Joiner[] = [];
  #isClosed = false;

  constructor(channel: string, read: () => Promise<CounterState>, publisher: Publisher, log: Logger) {
    this.#channel = channel;
    this.#publisher = publisher;
    this.#log = log;
    this.#reads = new Batcher(async (asked) => {
      const state = await read();
      return asked.map(() => state);
    });
  }

  async join(subscriber: Subscription): Promise<JoinResult> {
    await this.#read();
    const { epoch, offset, value, crossings } = await this.#stateToldToAll(subscriber);
    const snapshot: CounterSnapshot = { value, crossed: crossings.map(({ threshold }) => threshold) };
    return { group: this.#channel, position: { epoch, offset }, recovered: false, snapshot };
  }

  /** Nothing is kept for a subscriber: all see the same. */
  leave(): void {}

  receive(message: string): void {
    const noticed = noticedState(message);
    // Which of two epochs is the later one, only a read can tell.
    if (noticed.epoch === this.#state?.epoch) this.#learn(noticed);
    else this.#readNow();
    this.#readIn(SILENCE_MS);
  }

  resync(): void {
    this.#readNow();
    this.#readIn(SILENCE_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#telling);
    clearTimeout(this.#reading);
    for (const { reject } of this.#joiners.splice(0)) reject(endedEarly());
  }

  /** Reads after a while, in place of a read that was to come sooner. */
  #readIn(delayMs: number): void {
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => this.#readNow(), delayMs);
  }

  #readNow(): void {
    this.#read().catch((error: unknown) => {
      if (this.#isClosed) return;
      this.#log.warn({ err: error, channel: this.#channel }, "reading a live counter failed");
      this.#readIn(RETRY_MS);
    });
  }

  async #read(): Promise<void> {
    const known = this.#state;
    const state = await this.#reads.ask(null);
    if (known && state.epoch === known.epoch && state.offset < known.offset) this.#startOver(known, state);
    else this.#learn(state);
  }

  /** Redis lost what it had told of: everyone has to begin anew, from what it has now. */
  #startOver(before: PlacedState, state: CounterState): void {
    if (this.#isClosed) return;
    this.#state = placed(state, null);
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const { epoch, offset } = before;
    const resync = { offset, event: "channel.resync", data: { reason: "skipped" } };
    this.#publisher.publish(this.#channel, epoch, [resync]);
    this.#takeIn(this.#state);
  }

  #learn(learnt: CounterState): void {
    if (this.#isClosed) return;
    const before = this.#state;
    const state = placed(learnt, before);
    if (before?.epoch === state.epoch && state.offset <= before.offset) return;
    this.#state = state;
    if (before === null) {
      // It is nobody's news: who joins gets it in the reply. But the last notice may have been sent right before
      // this node began to listen, and have silent followers.
      this.#readIn(SILENCE_MS);
      return;
    }
    this.#tellOfCrossings(before, state);
    const waitMs = this.#toldAt + INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#tell();
    else this.#telling ??= setTimeout(() => this.#tell(), Math.ceil(waitMs));
  }

  #tellOfCrossings(before: PlacedState, { epoch, crossings }: PlacedState): void {
    for (const { threshold, value, offset } of crossings) {
      if (epoch === before.epoch && offset <= before.offset) continue;
      const data: CounterThreshold = { threshold, value };
      this.#publisher.publish(this.#channel, epoch, [{ offset, event: "counter.threshold", data }]);
    }
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#toldAt = performance.now();
    const state = this.#state!;
    const data: CounterUpdated = { value: state.value };
    this.#publisher.publish(this.#channel, state.epoch, [
      { offset: state.offset, event: "counter.updated", data },
    ]);
    this.#takeIn(state);
  }

  /** Lets those in who waited for the state to be told to all. */
  #takeIn(state: PlacedState): void {
    for (const { subscriber, resolve } of this.#joiners.splice(0)) {
      subscriber.stateTaken();
      resolve(state);
    }
  }

  #stateToldToAll(subscriber: Subscription): Promise<PlacedState> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw endedEarly();
      if (this.#telling === undefined) {
        subscriber.stateTaken();
        resolve(this.#state!);
      } else {
        this.#joiners.push({ subscriber, resolve, reject });
      }
    });
  }
}

/** A deleted counter has no place of its own any more: its end is the last thing in its epoch. */
function placed(state: CounterState, before: PlacedState | null): PlacedState {
  const { epoch } = state;
  if (epoch !== null) return { ...state, epoch };
  if (before === null) return untouched;
  const isClear = before.value === 0 && before.crossings.length === 0;
  return isClear ? before : { ...untouched, epoch: before.epoch, offset: before.offset + 1 };
}
