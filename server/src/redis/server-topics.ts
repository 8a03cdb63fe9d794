import { setTimeout } from "node:timers/promises";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { noObserver, type Observer } from "../observer/observer.js";
import { untraced } from "../observer/traced-message.js";
import type { PublishCommand } from "./commands.js";
import { fullPace, type Pace } from "./pace.js";
import type { TopicListener, Topics } from "./topics.js";

/** If no message arrives for this long after Redis accepted a heartbeat, the connection is reopened at the next heartbeat. */
const SILENCE_LIMIT_MS = 3_000;
const HEARTBEAT = { ms: 1_000, idleMs: 60_000 };
/** How long Redis may take to confirm a subscription. */
const CONFIRMATION_LIMIT_MS = 2_500;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

export interface ServerTopicsOptions {
  /** A connection that does not resubscribe automatically. */
  subscriptions: Redis;
  /** Publishes over another connection. */
  publish(topic: string, message: string): Promise<unknown>;
  publishCommand: PublishCommand;
  heartbeatTopic: string;
  /** Splits topics into groups, so that one command names the topics of one group only. By default, there is one group. */
  split?: (topics: string[]) => string[][];
  /** Called when the connection closed, and when the server refused topics. */
  onLost?: () => void;
  /** Called with each error of a subscription: the server refused it, or the connection closed. */
  onRefused?: (error: unknown) => void;
  /** Called when the server ended subscriptions that this node had not ended. */
  onSubscriptionsEnded?: () => void;
  observer?: Observer;
  /** How often the heartbeat is sent. */
  pace?: Pace;
  log: Logger;
}

function unavailable(): GrandstandError {
  return new GrandstandError("unavailable", "The channel can't be followed right now", {
    retryAfterMs: HEARTBEAT.ms,
  });
}

/**
 * The topics of one Redis server, over one connection. A heartbeat detects a subscription that is lost without an error.
 * See docs/internals/live-delivery.md.
 */
export class ServerTopics implements Topics {
  readonly #redis: Redis;
  readonly #publish: ServerTopicsOptions["publish"];
  readonly #isSharded: boolean;
  readonly #split: (topics: string[]) => string[][];
  readonly #onLost: () => void;
  readonly #onRefused: (error: unknown) => void;
  readonly #onSubscriptionsEnded: () => void;
  readonly #observer: Observer;
  readonly #pace: Pace;
  readonly #log: Logger;
  readonly #listeners = new Map<string, TopicListener>();
  /** The topics that the server refused on this connection. */
  readonly #refused = new Set<string>();
  #heartbeatTopic: string;
  #stopHeartbeat = () => {};
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  /** How many subscriptions the server ended in this turn of the event loop. See `#onMoved`. */
  #endedSubscriptions = 0;
  /** When a silence began: Redis accepted a heartbeat then, and no message has arrived since. Null without a silence. */
  #missingSince: number | null = null;
  /** When the last heartbeat was sent; null once it came back. */
  #heartbeatSentAt: number | null = null;
  /** The subscriptions were lost and are not synced again yet. */
  #isLost = false;
  /** The connection is open, and the server has answered for each topic. */
  #isLive = false;
  /**
   * Rises with each attempt to subscribe to all topics, and with each loss of the connection. An attempt stops once this
   * number has risen again.
   */
  #syncs = 0;
  /** Called when the server has answered for each topic. */
  #onSynced: (() => void)[] = [];

  constructor(options: ServerTopicsOptions) {
    this.#redis = options.subscriptions;
    this.#publish = options.publish;
    this.#isSharded = options.publishCommand === "SPUBLISH";
    this.#split = options.split ?? ((topics) => [topics]);
    this.#onLost = options.onLost ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#onSubscriptionsEnded = options.onSubscriptionsEnded ?? (() => {});
    this.#heartbeatTopic = options.heartbeatTopic;
    this.#observer = options.observer ?? noObserver;
    this.#pace = options.pace ?? fullPace;
    this.#log = options.log;
  }

  get isSynced(): boolean {
    return this.#isLive && this.#refused.size === 0;
  }

  get isConnected(): boolean {
    return this.#redis.status === "ready";
  }

  get topicCount(): number {
    return this.#listeners.size;
  }

  get heartbeatTopic(): string {
    return this.#heartbeatTopic;
  }

  /** @throws when the connection can't be opened, or the server refuses the subscription */
  async start(): Promise<void> {
    this.#redis.on(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.on("ready", this.#onReady);
    this.#redis.on("close", this.#onClose);
    this.#redis.on("moved", this.#onMoved);
    this.#stopHeartbeat = this.#pace.every(HEARTBEAT, this.#beat);
    if (this.#redis.status === "wait") await this.#redis.connect();
    const failure = await this.#sync();
    if (failure !== undefined) throw failure;
  }

  stop(): void {
    this.#stopHeartbeat();
    clearTimeout(this.#retry);
    this.#redis.off(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.off("ready", this.#onReady);
    this.#redis.off("close", this.#onClose);
    this.#redis.off("moved", this.#onMoved);
    this.#syncs += 1;
    this.#listeners.clear();
    this.#onSynced = [];
    this.#isLive = false;
  }

  async listen(topic: string, listener: TopicListener): Promise<void> {
    this.#listeners.set(topic, listener);
    const abort = new AbortController();
    let isLate = false;
    const timeout = setTimeout(CONFIRMATION_LIMIT_MS, null, { signal: abort.signal }).then(() => {
      isLate = true;
      throw unavailable();
    });
    // While the connection is not live, the next sync subscribes to all topics, including this one.
    const answered = this.#isLive ? this.#confirmed(topic, listener, () => isLate) : this.#untilSynced();
    try {
      const failure = await Promise.race([answered, timeout]);
      if (failure === undefined && !this.#refused.has(topic)) return;
      this.#onAnswered(failure ?? new Error("the server refused the topic"), 1);
      throw unavailable();
    } finally {
      abort.abort();
      timeout.catch(() => {});
    }
  }

  /**
   * Subscribes to a topic. The server may answer only after `listen` has rejected with a timeout. Then the
   * listener resyncs if the server confirmed the topic. A refused topic is retried.
   * @returns the same as `#subscribe`
   */
  async #confirmed(topic: string, listener: TopicListener, isLate: () => boolean): Promise<unknown> {
    const sync = this.#syncs;
    const failure = await this.#subscribe([topic]);
    const isCurrent = sync === this.#syncs && this.#listeners.get(topic) === listener;
    if (isLate() && isCurrent) {
      if (failure === undefined) listener.resync();
      else this.#onAnswered(failure, 1);
    }
    return failure;
  }

  ignore(topic: string): void {
    this.#refused.delete(topic);
    if (this.#listeners.delete(topic) && this.#isLive) this.#unsubscribe(topic);
  }

  /** Sends further heartbeats to `topic`. Called when the old topic has moved to another server. */
  async moveHeartbeat(topic: string): Promise<void> {
    this.#refused.delete(this.#heartbeatTopic);
    this.#heartbeatTopic = topic;
    if (this.#isLive) await this.#subscribe([topic]);
    this.#missingSince = null;
  }

  /**
   * Subscribes to all topics again after the server ended some subscriptions. The listeners of confirmed topics resync.
   * Refused topics are retried.
   */
  async review(): Promise<void> {
    if (!this.#isLive) return;
    const sync = this.#syncs;
    const topics = [this.#heartbeatTopic, ...this.#listeners.keys()];
    const failure = await this.#subscribe(topics);
    if (sync !== this.#syncs) return;
    this.#resyncAll();
    if (failure !== undefined) this.#onAnswered(failure, topics.length);
  }

  /** Resyncs the listeners of all topics that the server confirmed. */
  #resyncAll(): void {
    for (const [topic, listener] of this.#listeners) if (!this.#refused.has(topic)) listener.resync();
  }

  #unsubscribe(topic: string): void {
    const confirmed = this.#isSharded ? this.#redis.sunsubscribe(topic) : this.#redis.unsubscribe(topic);
    // A failure means that the connection is lost, and the subscription with it.
    confirmed.catch((error: unknown) => this.#log.debug({ err: error, topic }, "unsubscribing failed"));
  }

  /** Never rejects. @returns the first error, or undefined. The topics with an error are in `#refused` by then. */
  async #subscribe(topics: string[]): Promise<unknown> {
    let failure: unknown;
    await Promise.all(
      this.#split(topics).map(async (group) => {
        try {
          if (this.#isSharded) await this.#redis.ssubscribe(...group);
          else await this.#redis.subscribe(...group);
          for (const topic of group) this.#refused.delete(topic);
        } catch (error) {
          failure ??= error;
          if ((error as Error).message.startsWith("MOVED ")) this.#endedSubscriptions -= 1;
          this.#onRefused(error);
          for (const topic of group) if (this.#isWanted(topic)) this.#refused.add(topic);
        }
      }),
    );
    return failure;
  }

  #isWanted(topic: string): boolean {
    return topic === this.#heartbeatTopic || this.#listeners.has(topic);
  }

  #untilSynced(): Promise<undefined> {
    return new Promise((resolve) => this.#onSynced.push(() => resolve(undefined)));
  }

  readonly #onMessage = (topic: string, received: string): void => {
    const { message, traceparent } = untraced(received);
    const { tracer } = this.#observer;
    if (traceparent === undefined || tracer === undefined) this.#hand(topic, message);
    else tracer.span("receive", "consumer", traceparent, () => this.#hand(topic, message));
  };

  #hand(topic: string, message: string): void {
    this.#missingSince = null;
    const listener = this.#listeners.get(topic);
    if (listener === undefined) this.#noteHeartbeat(topic);
    try {
      listener?.receive(message);
    } catch (error) {
      // The listener could not read the message, so it may have lost a change.
      this.#log.error({ err: error, topic }, "reading a message from redis failed");
      listener?.resync();
    }
  }

  #noteHeartbeat(topic: string): void {
    if (topic !== this.#heartbeatTopic || this.#heartbeatSentAt === null) return;
    this.#observer.note("busHeartbeat", { ms: performance.now() - this.#heartbeatSentAt });
    this.#heartbeatSentAt = null;
  }

  readonly #onClose = (): void => {
    this.#syncs += 1;
    clearTimeout(this.#retry);
    this.#isLive = false;
    this.#isLost = true;
    this.#missingSince = null;
    this.#onLost();
  };

  /**
   * ioredis emits `moved` for a subscription that the server ended. It also emits `moved` shortly before a refused
   * SSUBSCRIBE rejects: `#subscribe` subtracts such an event from `#endedSubscriptions`. `setImmediate` runs the check after
   * the subtraction, so the remaining events are those of subscriptions that the server ended.
   */
  readonly #onMoved = (): void => {
    this.#endedSubscriptions += 1;
    setImmediate(() => {
      if (this.#endedSubscriptions > 0 && this.#isLive) this.#onSubscriptionsEnded();
      this.#endedSubscriptions = 0;
    });
  };

  readonly #onReady = (): void => {
    void this.#sync();
  };

  /**
   * Subscribes to all topics, then resyncs the listeners of the confirmed topics. Never rejects.
   * @returns why the server refused topics
   */
  async #sync(): Promise<unknown> {
    this.#syncs += 1;
    const sync = this.#syncs;
    this.#refused.clear();
    const asked = new Set<string>();
    let failure: unknown;
    for (;;) {
      // Listeners may have been added while Redis confirmed the earlier topics.
      const topics = [this.#heartbeatTopic, ...this.#listeners.keys()].filter((topic) => !asked.has(topic));
      if (topics.length === 0) break;
      failure = (await this.#subscribe(topics)) ?? failure;
      // The connection was lost, or a later attempt has begun.
      if (sync !== this.#syncs) return undefined;
      for (const topic of topics) asked.add(topic);
    }
    this.#isLive = true;
    for (const topic of asked) if (!this.#isWanted(topic)) this.#unsubscribe(topic);
    this.#resyncAll();
    for (const resolve of this.#onSynced.splice(0)) resolve();
    this.#onAnswered(failure, asked.size);
    return failure;
  }

  #onAnswered(failure: unknown, topics: number): void {
    clearTimeout(this.#retry);
    if (failure === undefined) {
      if (this.#isLost) {
        this.#log.info({ topics }, "subscriptions to redis are synced again");
        this.#observer.note("busSynced", { topics: this.#listeners.size });
      }
      this.#isLost = false;
      this.#failures = 0;
      return;
    }
    this.#log[this.#failures === 0 ? "warn" : "debug"]({ err: failure }, "redis refused subscriptions");
    this.#isLost = true;
    this.#onLost();
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
    this.#failures += 1;
    this.#retry = globalThis.setTimeout(() => void this.#subscribeToRefused(), delayMs);
  }

  async #subscribeToRefused(): Promise<void> {
    const sync = this.#syncs;
    const topics = [...this.#refused];
    const failure = topics.length === 0 ? undefined : await this.#subscribe(topics);
    if (sync !== this.#syncs) return;
    for (const topic of topics) if (!this.#refused.has(topic)) this.#listeners.get(topic)?.resync();
    this.#onAnswered(failure, topics.length);
  }

  readonly #beat = (): void => {
    // ioredis notices a silent connection only while a command waits for its reply. Other commands are rare here, hence PING.
    if (this.#redis.status === "ready") this.#redis.ping().catch(() => {});
    if (this.#refused.has(this.#heartbeatTopic)) return;
    if (this.#missingSince !== null && performance.now() - this.#missingSince > SILENCE_LIMIT_MS) {
      this.#log.warn({ wasSynced: this.isSynced }, "the subscription to redis is silent; reconnecting");
      this.#isLive = false;
      this.#missingSince = null;
      this.#redis.disconnect(true);
    }
    this.#heartbeatSentAt = performance.now();
    // A heartbeat that Redis did not accept says nothing about the subscription.
    this.#publish(this.#heartbeatTopic, "").then(
      () => {
        // The heartbeat may have arrived before the reply to PUBLISH, because the two come over different connections.
        if (this.#heartbeatSentAt !== null) this.#missingSince ??= performance.now();
      },
      () => {},
    );
  };
}
