import { setTimeout } from "node:timers/promises";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { noObserver, type Observer } from "../observer/observer.js";

/** A local listener to one topic. */
export interface TopicListener {
  receive(message: string): void;
  /** Messages may have been lost. The subscription is synced again. */
  resync(): void;
}

/** A subscription that receives nothing for this long after Redis accepted a heartbeat is lost. */
const SILENCE_LIMIT_MS = 3_000;
const HEARTBEAT_MS = 1_000;
/** How long Redis may take to confirm a subscription. */
const CONFIRMATION_LIMIT_MS = 2_500;

/**
 * The pub/sub of this node: one Redis subscription for each topic with a local listener. A heartbeat detects a
 * subscription that is lost without an error. See docs/internals/live-delivery.md.
 */
export class Bus {
  readonly #redis: Redis;
  readonly #publish: (topic: string, message: string) => Promise<unknown>;
  readonly #isSharded: boolean;
  readonly #heartbeatTopic: string;
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #listeners = new Map<string, TopicListener>();
  #heartbeat: NodeJS.Timeout | undefined;
  /** When Redis accepted the first heartbeat since the last message; null when none is missing. */
  #missingSince: number | null = null;
  /** When the last heartbeat was sent; null once it came back. */
  #heartbeatSentAt: number | null = null;
  #isSynced = false;
  #reconnects = 0;
  /** Called when the subscriptions are synced again. */
  #onSynced: (() => void)[] = [];

  constructor(options: {
    subscriptions: Redis;
    commands: Redis;
    publishCommand: "SPUBLISH" | "PUBLISH";
    heartbeatTopic: string;
    log: Logger;
    observer?: Observer;
  }) {
    this.#redis = options.subscriptions;
    this.#isSharded = options.publishCommand === "SPUBLISH";
    this.#publish = (topic, message) => options.commands.call(options.publishCommand, topic, message);
    this.#heartbeatTopic = options.heartbeatTopic;
    this.#log = options.log;
    this.#observer = options.observer ?? noObserver;
  }

  /** True while this node receives every message of its topics. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** The number of topics with a listener, without the heartbeat. */
  get topicCount(): number {
    return this.#listeners.size;
  }

  async start(): Promise<void> {
    this.#redis.on(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.on("ready", this.#onReady);
    this.#redis.on("close", this.#onClose);
    await this.#subscribe([this.#heartbeatTopic]);
    this.#isSynced = true;
    this.#heartbeat = setInterval(this.#beat, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#redis.off(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.off("ready", this.#onReady);
    this.#redis.off("close", this.#onClose);
    this.#listeners.clear();
    this.#onSynced = [];
    this.#isSynced = false;
  }

  /**
   * Subscribes to a topic that has no listener on this node yet. Once the promise resolves, every message that is
   * published arrives, or `resync` is called.
   * @throws {GrandstandError} `unavailable` when Redis does not confirm in time.
   */
  async listen(topic: string, listener: TopicListener): Promise<void> {
    this.#listeners.set(topic, listener);
    const abort = new AbortController();
    const timeout = setTimeout(CONFIRMATION_LIMIT_MS, null, { signal: abort.signal }).then(() => {
      throw new GrandstandError("unavailable", "The channel can't be followed right now", {
        retryAfterMs: HEARTBEAT_MS,
      });
    });
    // A reconnect subscribes to the topics of all listeners, including this one.
    const confirmed = this.#isSynced ? this.#subscribe([topic]) : this.#untilSynced();
    try {
      await Promise.race([confirmed, timeout]);
    } finally {
      abort.abort();
      for (const pending of [confirmed, timeout]) pending.catch(() => {});
    }
  }

  ignore(topic: string): void {
    if (this.#listeners.delete(topic) && this.#isSynced) this.#unsubscribe(topic);
  }

  #unsubscribe(topic: string): void {
    const confirmed = this.#isSharded ? this.#redis.sunsubscribe(topic) : this.#redis.unsubscribe(topic);
    // A failure means that the connection is lost, and the subscription with it.
    confirmed.catch((error: unknown) => this.#log.debug({ err: error, topic }, "unsubscribing failed"));
  }

  async #subscribe(topics: string[]): Promise<void> {
    if (this.#isSharded) await this.#redis.ssubscribe(...topics);
    else await this.#redis.subscribe(...topics);
  }

  #untilSynced(): Promise<void> {
    return new Promise((resolve) => this.#onSynced.push(resolve));
  }

  readonly #onMessage = (topic: string, message: string): void => {
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
  };

  #noteHeartbeat(topic: string): void {
    if (topic !== this.#heartbeatTopic || this.#heartbeatSentAt === null) return;
    this.#observer.note("busHeartbeat", { ms: performance.now() - this.#heartbeatSentAt });
    this.#heartbeatSentAt = null;
  }

  readonly #onClose = (): void => {
    this.#isSynced = false;
    this.#missingSince = null;
  };

  readonly #onReady = (): void => {
    this.#reconnects += 1;
    this.#sync(this.#reconnects).catch((error: unknown) => {
      this.#log.warn({ err: error }, "subscribing again failed");
      this.#redis.disconnect(true);
    });
  };

  /** Subscribes to all topics on a new connection, then calls `resync` on every listener. */
  async #sync(reconnect: number): Promise<void> {
    const confirmed = new Set<string>();
    for (;;) {
      // Listeners may have been added while Redis confirmed the earlier topics.
      const topics = [this.#heartbeatTopic, ...this.#listeners.keys()].filter(
        (topic) => !confirmed.has(topic),
      );
      if (topics.length === 0) break;
      await this.#subscribe(topics);
      // The connection was lost again: the next reconnect confirms all topics.
      if (reconnect !== this.#reconnects) return;
      for (const topic of topics) confirmed.add(topic);
    }
    this.#isSynced = true;
    this.#log.info({ topics: confirmed.size }, "subscriptions to redis are synced again");
    confirmed.delete(this.#heartbeatTopic);
    this.#observer.note("busSynced", { topics: confirmed.size });
    for (const topic of confirmed) if (!this.#listeners.has(topic)) this.#unsubscribe(topic);
    for (const listener of this.#listeners.values()) listener.resync();
    for (const resolve of this.#onSynced.splice(0)) resolve();
  }

  readonly #beat = (): void => {
    if (this.#missingSince !== null && performance.now() - this.#missingSince > SILENCE_LIMIT_MS) {
      this.#log.warn({ wasSynced: this.#isSynced }, "the subscription to redis is silent; reconnecting");
      this.#isSynced = false;
      this.#missingSince = null;
      this.#redis.disconnect(true);
    }
    this.#heartbeatSentAt = performance.now();
    // A heartbeat that Redis did not accept says nothing about the subscription.
    this.#publish(this.#heartbeatTopic, "").then(
      () => {
        this.#missingSince ??= performance.now();
      },
      () => {},
    );
  };
}
