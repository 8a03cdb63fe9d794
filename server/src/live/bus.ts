import { setTimeout } from "node:timers/promises";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Redis } from "ioredis";
import type { Logger } from "pino";

/** A local listener to one topic. */
export interface TopicListener {
  receive(message: string): void;
  /** Called when messages may have been missed and the subscription works again. */
  resync(): void;
}

/** A connection that does not receive its own heartbeat within this time is replaced, and so is one that takes longer to resubscribe. */
const SILENCE_LIMIT_MS = 3_500;
const HEARTBEAT_MS = 1_000;
/** How long Redis may take to confirm a subscription. */
const CONFIRMATION_LIMIT_MS = 2_500;

/**
 * This node's pub/sub: one Redis subscription per topic, while the topic has a listener.
 *
 * Redis pub/sub does not store messages, and a connection can be dead without an error. So the bus publishes a heartbeat to
 * itself, replaces the connection when the heartbeat stops, subscribes to every topic again, and calls `resync` on each listener.
 */
export class Bus {
  readonly #redis: Redis;
  readonly #publish: (topic: string, message: string) => Promise<unknown>;
  readonly #isSharded: boolean;
  readonly #heartbeatTopic: string;
  readonly #log: Logger;
  readonly #listeners = new Map<string, TopicListener>();
  #heartbeat: NodeJS.Timeout | undefined;
  /** When the last message arrived, or the last connection attempt began. */
  #heardAt = 0;
  #isSynced = false;
  /** The number of reconnects. */
  #reconnects = 0;
  /** Called when the bus is synced again. */
  #waiting: (() => void)[] = [];

  constructor(options: {
    subscriptions: Redis;
    commands: Redis;
    publishCommand: "SPUBLISH" | "PUBLISH";
    heartbeatTopic: string;
    log: Logger;
  }) {
    this.#redis = options.subscriptions;
    this.#isSharded = options.publishCommand === "SPUBLISH";
    this.#publish = (topic, message) => options.commands.call(options.publishCommand, topic, message);
    this.#heartbeatTopic = options.heartbeatTopic;
    this.#log = options.log;
  }

  /** Whether every published message reaches this node. */
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
    this.#heardAt = performance.now();
    this.#isSynced = true;
    this.#heartbeat = setInterval(this.#beat, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#redis.off(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.off("ready", this.#onReady);
    this.#redis.off("close", this.#onClose);
    this.#listeners.clear();
    this.#waiting = [];
    this.#isSynced = false;
  }

  /**
   * Listens to a topic that has no listener on this node yet. Once the promise resolves, every message arrives or `resync` is
   * called.
   * @throws {GrandstandError} `unavailable` when Redis does not confirm in time
   */
  async listen(topic: string, listener: TopicListener): Promise<void> {
    this.#listeners.set(topic, listener);
    const timeout = new AbortController();
    const tooLate = setTimeout(CONFIRMATION_LIMIT_MS, null, { signal: timeout.signal }).then(() => {
      throw new GrandstandError("unavailable", "The channel is unavailable right now", {
        retryAfterMs: HEARTBEAT_MS,
      });
    });
    // After a reconnect the bus subscribes to the topics of all listeners, this one included.
    const confirmed = this.#isSynced ? this.#subscribe([topic]) : this.#syncedAgain();
    try {
      await Promise.race([confirmed, tooLate]);
    } finally {
      timeout.abort();
      for (const settled of [confirmed, tooLate]) settled.catch(() => {});
    }
  }

  ignore(topic: string): void {
    if (this.#listeners.delete(topic) && this.#isSynced) this.#unsubscribe(topic);
  }

  #unsubscribe(topic: string): void {
    const ended = this.#isSharded ? this.#redis.sunsubscribe(topic) : this.#redis.unsubscribe(topic);
    // A failure means that the connection is lost, and the subscription with it.
    ended.catch((error: unknown) => this.#log.debug({ err: error, topic }, "unsubscribing failed"));
  }

  async #subscribe(topics: string[]): Promise<void> {
    if (this.#isSharded) await this.#redis.ssubscribe(...topics);
    else await this.#redis.subscribe(...topics);
  }

  #syncedAgain(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  readonly #onMessage = (topic: string, message: string): void => {
    this.#heardAt = performance.now();
    const listener = this.#listeners.get(topic);
    try {
      listener?.receive(message);
    } catch (error) {
      // The listener may have missed what the message carried.
      this.#log.error({ err: error, topic }, "a message from Redis could not be read");
      listener?.resync();
    }
  };

  readonly #onClose = (): void => {
    this.#isSynced = false;
    this.#heardAt = performance.now();
  };

  readonly #onReady = (): void => {
    this.#reconnects += 1;
    this.#resubscribe(this.#reconnects).catch((error: unknown) => {
      this.#log.warn({ err: error }, "resubscribing failed");
      this.#redis.disconnect(true);
    });
  };

  async #resubscribe(reconnect: number): Promise<void> {
    const confirmed = new Set<string>();
    for (;;) {
      // A listener may have been added while Redis confirmed the others.
      const topics = [this.#heartbeatTopic, ...this.#listeners.keys()].filter(
        (topic) => !confirmed.has(topic),
      );
      if (topics.length === 0) break;
      await this.#subscribe(topics);
      // The connection was lost again: the next reconnect subscribes to all topics.
      if (reconnect !== this.#reconnects) return;
      for (const topic of topics) confirmed.add(topic);
    }
    this.#heardAt = performance.now();
    this.#isSynced = true;
    this.#log.info({ topics: confirmed.size }, "the subscriptions to Redis are synced again");
    confirmed.delete(this.#heartbeatTopic);
    for (const topic of confirmed) if (!this.#listeners.has(topic)) this.#unsubscribe(topic);
    for (const listener of this.#listeners.values()) listener.resync();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  readonly #beat = (): void => {
    if (performance.now() - this.#heardAt > SILENCE_LIMIT_MS) {
      this.#log.warn(
        { wasSynced: this.#isSynced },
        "the subscription to Redis is silent; the node reconnects",
      );
      this.#isSynced = false;
      this.#heardAt = performance.now();
      this.#redis.disconnect(true);
    }
    // The silence limit above covers a heartbeat that fails.
    this.#publish(this.#heartbeatTopic, "").catch(() => {});
  };
}
