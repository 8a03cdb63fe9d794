import { GrandstandError } from "@grandstand/shared/errors";
import { Redis, type RedisOptions, ReplyError } from "ioredis";
import type { ClusterCommands } from "./cluster-commands.js";
import { keySlot } from "./key-slot.js";
import type { TopicOptions } from "./open-redis.js";
import { subscriptionOptions } from "./options.js";
import { ServerTopics } from "./server-topics.js";
import type { TopicListener, Topics } from "./topics.js";

/** How long `listen` tries to subscribe before it fails. */
const LISTEN_LIMIT_MS = 2_500;
/** The least time between two reads of the slot owners. */
const REREAD_INTERVAL_MS = 200;
/** How often the slot owners are read again while a topic is not synced. */
const REVIEW_INTERVAL_MS = 1_000;

/**
 * The most names to try for a heartbeat topic. The name decides the topic's slot, and the server must own that slot. This
 * number is enough even for a server that owns a single slot.
 */
const MAX_HEARTBEATS = 250_000;

/** One server that owns slots, with the subscriptions to the topics in them. */
interface Shard {
  address: string;
  redis: Redis;
  topics: ServerTopics;
  /** Whether the server has ended subscriptions since `#followOwners` last ran. */
  hasEndedSubscriptions: boolean;
}

/**
 * The topics of a Cluster. Each server that owns slots has a connection with a heartbeat of its own. So if
 * one server fails, only that server's topics are resynced. When a slot moves to another server, the topics in the slot
 * are subscribed to there and resynced.
 */
export class ClusterTopics implements Topics {
  readonly #commands: ClusterCommands;
  readonly #server: Omit<RedisOptions, "replyMapping">;
  readonly #options: TopicOptions;
  readonly #shards = new Map<string, Shard>();
  readonly #listeners = new Map<string, TopicListener>();
  /** For each topic, the address of the server at which it is subscribed to. */
  readonly #homes = new Map<string, string>();
  #isStarted = false;
  #rereadTimer: NodeJS.Timeout | undefined;
  #reviewTimer: NodeJS.Timeout | undefined;

  /** @param server how to log in to each server */
  constructor(commands: ClusterCommands, server: Omit<RedisOptions, "replyMapping">, options: TopicOptions) {
    this.#commands = commands;
    this.#server = server;
    this.#options = options;
  }

  get isSynced(): boolean {
    const hasHomes = this.#homes.size === this.#listeners.size;
    return this.#isStarted && this.#shards.size > 0 && hasHomes && this.#every("isSynced");
  }

  get isConnected(): boolean {
    return this.#isStarted && this.#every("isConnected");
  }

  get topicCount(): number {
    return this.#listeners.size;
  }

  /**
   * Subscribes to a heartbeat topic at each server. A server that does not answer is tried again later.
   * @throws when a server refuses this subscription
   */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.#commands.on("refresh", this.#onRefresh);
    this.#commands.on("-node", this.#onDoubt);
    this.#reviewTimer = setInterval(() => {
      if (!this.isSynced) this.#rereadOwnersSoon();
    }, REVIEW_INTERVAL_MS);
    await Promise.all(
      this.#addShards().map((starting) =>
        starting.catch((error: unknown) => {
          if (error instanceof ReplyError) throw error;
        }),
      ),
    );
  }

  stop(): void {
    this.#isStarted = false;
    clearInterval(this.#reviewTimer);
    clearTimeout(this.#rereadTimer);
    this.#rereadTimer = undefined;
    this.#commands.off("refresh", this.#onRefresh);
    this.#commands.off("-node", this.#onDoubt);
    for (const shard of this.#shards.values()) this.#end(shard);
    this.#listeners.clear();
    this.#homes.clear();
  }

  async listen(topic: string, listener: TopicListener): Promise<void> {
    this.#listeners.set(topic, listener);
    const startedAt = performance.now();
    for (;;) {
      const shard = this.#homeOf(topic);
      try {
        if (shard) return await shard.topics.listen(topic, listener);
      } catch (error) {
        if (!(error instanceof GrandstandError)) throw error;
      }
      if (!this.#isStarted || this.#listeners.get(topic) !== listener) return;
      if (performance.now() - startedAt > LISTEN_LIMIT_MS) throw unavailable();
      this.#rereadOwnersSoon();
      await new Promise((resolve) => setTimeout(resolve, REREAD_INTERVAL_MS));
    }
  }

  ignore(topic: string): void {
    this.#listeners.delete(topic);
    this.#shardAt(this.#homes.get(topic))?.topics.ignore(topic);
    this.#homes.delete(topic);
  }

  /** The shard at which a topic is subscribed to, or the shard that owns the topic if there is no subscription yet. */
  #homeOf(topic: string): Shard | undefined {
    const address = this.#homes.get(topic) ?? this.#commands.ownerOf(topic);
    const shard = this.#shardAt(address);
    if (shard) this.#homes.set(topic, shard.address);
    return shard;
  }

  #shardAt(address: string | undefined): Shard | undefined {
    return address === undefined ? undefined : this.#shards.get(address);
  }

  #every(state: "isSynced" | "isConnected"): boolean {
    return [...this.#shards.values()].every(({ topics }) => topics[state]);
  }

  readonly #onRefresh = (): void => this.#followOwners();

  readonly #onDoubt = (): void => this.#rereadOwnersSoon();

  /** Reads the slot owners after a short wait. `#followOwners` then runs. */
  #rereadOwnersSoon(): void {
    if (!this.#isStarted || this.#rereadTimer !== undefined) return;
    this.#rereadTimer = setTimeout(() => {
      this.#rereadTimer = undefined;
      // If a server answers, this emits the event `refresh`, which calls `#followOwners`.
      void this.#commands.refreshOwners();
    }, REREAD_INTERVAL_MS);
  }

  /** Opens and ends shards, and moves topics, so that they match the current owners of the slots. */
  #followOwners(): void {
    if (!this.#isStarted) return;
    for (const starting of this.#addShards()) {
      starting.catch((error: unknown) =>
        this.#options.log.debug({ err: error }, "a connection for subscriptions did not open"),
      );
    }
    const movedFrom = new Set<string | undefined>();
    for (const [topic, listener] of this.#listeners) {
      const from = this.#homes.get(topic);
      const to = this.#commands.ownerOf(topic);
      if (to === undefined || to === from || !this.#shards.has(to)) continue;
      movedFrom.add(from);
      this.#shardAt(from)?.topics.ignore(topic);
      this.#homes.set(topic, to);
      this.#move(topic, listener, this.#shards.get(to)!);
    }
    const masters = new Set(this.#commands.masters);
    for (const shard of this.#shards.values()) {
      if (!masters.has(shard.address)) this.#end(shard);
      else this.#reviewShard(shard, movedFrom.has(shard.address));
    }
  }

  /** @returns for each new shard a promise that resolves when its server has confirmed the heartbeat's subscription */
  #addShards(): Promise<void>[] {
    return this.#commands.masters
      .filter((address) => !this.#shards.has(address))
      .map((address) => {
        const shard = this.#open(address);
        this.#shards.set(address, shard);
        return shard.topics.start();
      });
  }

  #open(address: string): Shard {
    const { publishCommand, outages, observer, pace, log } = this.#options;
    const colon = address.lastIndexOf(":");
    const redis = new Redis({
      host: address.slice(0, colon),
      port: Number(address.slice(colon + 1)),
      ...this.#server,
      ...subscriptionOptions(),
      autoResubscribe: false,
    });
    outages.watch(`subscriptions to ${address}`, redis, "subscriptions");
    const topics = new ServerTopics({
      subscriptions: redis,
      publish: (topic, message) => this.#commands.publishTo(topic, message),
      publishCommand,
      heartbeatTopic: this.#heartbeatTopicOf(address),
      split: bySlot,
      onLost: () => this.#rereadOwnersSoon(),
      onRefused: (error) => this.#commands.noteMove(error),
      onSubscriptionsEnded: () => {
        shard.hasEndedSubscriptions = true;
        this.#rereadOwnersSoon();
      },
      observer,
      pace,
      log,
    });
    const shard: Shard = { address, redis, topics, hasEndedSubscriptions: false };
    return shard;
  }

  #end({ address, redis, topics }: Shard): void {
    topics.stop();
    redis.disconnect();
    this.#options.outages.forget(`subscriptions to ${address}`);
    this.#shards.delete(address);
    for (const [topic, home] of this.#homes) if (home === address) this.#homes.delete(topic);
  }

  /** @param hasMoved whether topics have just moved from this shard to another shard */
  #reviewShard(shard: Shard, hasMoved: boolean): void {
    const { address, topics, hasEndedSubscriptions } = shard;
    const isHeartbeatHere = this.#commands.ownerOf(topics.heartbeatTopic) === address;
    if (!isHeartbeatHere) void topics.moveHeartbeat(this.#heartbeatTopicOf(address));
    // The server ended subscriptions, but no topic moved: a slot may have moved away and back, so subscribe again.
    if (hasEndedSubscriptions && !hasMoved && isHeartbeatHere) void topics.review();
    shard.hasEndedSubscriptions = false;
  }

  /** A heartbeat topic in a slot that the server owns, or in any slot if the server owns none. */
  #heartbeatTopicOf(address: string): string {
    for (let number = 0; ; number += 1) {
      const topic = this.#options.heartbeatTopic(number);
      if (number === MAX_HEARTBEATS || this.#commands.ownerOf(topic) === address) return topic;
    }
  }

  /** Subscribes at the new shard. Resyncs the listener, because messages published during the move may be lost. */
  #move(topic: string, listener: TopicListener, { topics }: Shard): void {
    topics.listen(topic, listener).then(
      () => listener.resync(),
      // After a failure, the shard subscribes again by itself, and then calls `resync`.
      () => this.#rereadOwnersSoon(),
    );
  }
}

/** Groups topics by slot, because one SSUBSCRIBE can name topics of one slot only. */
function bySlot(topics: string[]): string[][] {
  const groups = new Map<number, string[]>();
  for (const topic of topics) {
    const slot = keySlot(topic);
    const group = groups.get(slot);
    if (group) group.push(topic);
    else groups.set(slot, [topic]);
  }
  return [...groups.values()];
}

function unavailable(): GrandstandError {
  return new GrandstandError("unavailable", "The channel can't be followed right now", {
    retryAfterMs: REVIEW_INTERVAL_MS,
  });
}
