import { setTimeout } from "node:timers/promises";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Redis } from "ioredis";
import type { Logger } from "pino";

/** A local listener to one topic. */
export interface TopicListener {
  receive(message: string): void;
  /** Messages may have been missed; the subscription is whole again. */
  resync(): void;
}

/**
 * A connection that does not hear its own heartbeat for this long is dead, whatever the socket says; one that
 * takes this long to become whole again will not.
 */
const SILENCE_LIMIT_MS = 3_500;
const HEARTBEAT_MS = 1_000;
/** How long Redis may take to confirm a subscription. */
const CONFIRMATION_LIMIT_MS = 2_500;

/**
 * This node's pub/sub. One Redis subscription a topic, while the topic has a listener.
 *
 * Redis pub/sub forgets: what is published while the connection is down is lost, and a connection can be
 * dead without an error. So the bus publishes a heartbeat to itself, drops the connection when it stays
 * unheard, subscribes to everything anew after each drop, and then tells every listener to resync.
 */
export class Bus {
  readonly #redis: Redis;
  readonly #publish: (topic: string, message: string) => Promise<unknown>;
  readonly #isSharded: boolean;
  readonly #heartbeatTopic: string;
  readonly #log: Logger;
  readonly #listeners = new Map<string, TopicListener>();
  #heartbeat: NodeJS.Timeout | undefined;
  /** When it last heard something, or began to connect. */
  #heardAt = 0;
  #isWhole = false;
  /** Counts the times that the connection came back. */
  #comebacks = 0;
  /** Those who wait for the connection to be whole again. */
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

  /** True while everything that is published reaches this node. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** How many topics this node listens to, its heartbeat aside. */
  get topicCount(): number {
    return this.#listeners.size;
  }

  async start(): Promise<void> {
    this.#redis.on(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.on("ready", this.#onReady);
    this.#redis.on("close", this.#onClose);
    await this.#subscribe([this.#heartbeatTopic]);
    this.#heardAt = performance.now();
    this.#isWhole = true;
    this.#heartbeat = setInterval(this.#beat, HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#redis.off(this.#isSharded ? "smessage" : "message", this.#onMessage);
    this.#redis.off("ready", this.#onReady);
    this.#redis.off("close", this.#onClose);
    this.#listeners.clear();
    this.#waiting = [];
    this.#isWhole = false;
  }

  /**
   * Listens to a topic that has no listener on this node yet. When the promise resolves, Redis has
   * confirmed: every message published from then on arrives, or `resync` is called.
   * @throws {GrandstandError} `unavailable` when Redis does not confirm in time.
   */
  async listen(topic: string, listener: TopicListener): Promise<void> {
    this.#listeners.set(topic, listener);
    const patience = new AbortController();
    const tooLate = setTimeout(CONFIRMATION_LIMIT_MS, null, { signal: patience.signal }).then(() => {
      throw new GrandstandError("unavailable", "The channel can't be followed right now", {
        retryAfterMs: HEARTBEAT_MS,
      });
    });
    // A broken connection takes in every listener when it is whole again, this one among them.
    const confirmed = this.#isWhole ? this.#subscribe([topic]) : this.#wholeAgain();
    try {
      await Promise.race([confirmed, tooLate]);
    } finally {
      patience.abort();
      for (const settled of [confirmed, tooLate]) settled.catch(() => {});
    }
  }

  ignore(topic: string): void {
    if (this.#listeners.delete(topic) && this.#isWhole) this.#unsubscribe(topic);
  }

  #unsubscribe(topic: string): void {
    const ended = this.#isSharded ? this.#redis.sunsubscribe(topic) : this.#redis.unsubscribe(topic);
    // A failure means that the connection is gone, and the subscription with it.
    ended.catch((error: unknown) => this.#log.debug({ err: error, topic }, "unsubscribing failed"));
  }

  async #subscribe(topics: string[]): Promise<void> {
    if (this.#isSharded) await this.#redis.ssubscribe(...topics);
    else await this.#redis.subscribe(...topics);
  }

  #wholeAgain(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  readonly #onMessage = (topic: string, message: string): void => {
    this.#heardAt = performance.now();
    const listener = this.#listeners.get(topic);
    try {
      listener?.receive(message);
    } catch (error) {
      // Whatever the message was, the listener may have missed something by it.
      this.#log.error({ err: error, topic }, "a message from redis could not be read");
      listener?.resync();
    }
  };

  readonly #onClose = (): void => {
    this.#isWhole = false;
    this.#heardAt = performance.now();
  };

  readonly #onReady = (): void => {
    this.#comebacks += 1;
    this.#becomeWhole(this.#comebacks).catch((error: unknown) => {
      this.#log.warn({ err: error }, "subscribing anew failed");
      this.#redis.disconnect(true);
    });
  };

  async #becomeWhole(comeback: number): Promise<void> {
    const confirmed = new Set<string>();
    for (;;) {
      // Somebody may have begun to listen while Redis was confirming the others.
      const topics = [this.#heartbeatTopic, ...this.#listeners.keys()].filter(
        (topic) => !confirmed.has(topic),
      );
      if (topics.length === 0) break;
      await this.#subscribe(topics);
      // The connection was lost again meanwhile: the next comeback has to confirm them all.
      if (comeback !== this.#comebacks) return;
      for (const topic of topics) confirmed.add(topic);
    }
    this.#heardAt = performance.now();
    this.#isWhole = true;
    this.#log.info({ topics: confirmed.size }, "subscriptions to redis are whole again");
    confirmed.delete(this.#heartbeatTopic);
    for (const topic of confirmed) if (!this.#listeners.has(topic)) this.#unsubscribe(topic);
    for (const listener of this.#listeners.values()) listener.resync();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  readonly #beat = (): void => {
    if (performance.now() - this.#heardAt > SILENCE_LIMIT_MS) {
      this.#log.warn({ wasWhole: this.#isWhole }, "the subscription to redis is silent; connecting anew");
      this.#isWhole = false;
      this.#heardAt = performance.now();
      this.#redis.disconnect(true);
    }
    // A failed heartbeat is what the silence above is there to notice.
    this.#publish(this.#heartbeatTopic, "").catch(() => {});
  };
}
