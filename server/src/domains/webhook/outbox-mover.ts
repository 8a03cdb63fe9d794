import { runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { Outboxes } from "../shared/event-queue.js";
import {
  type EventSource,
  nameOfSource,
  outboxOf,
  type QueuedEvent,
  queuedEventOf,
  sourceOf,
} from "../shared/queued-event.js";
import { type Endpoint, wantsEvent } from "./endpoint.js";
import type { WebhookRegistry } from "./registry.js";
import { acknowledgeScript, forgetDeletedScript, forgetOutboxesScript, noteOutboxScript } from "./scripts.js";

/** How many entries of an outbox one step moves. */
const ENTRIES_PER_STEP = 100;
/** After a node has put an outbox on the list of outboxes, it assumes for this long that the outbox is still listed. */
const LISTED_MS = 60_000;
/**
 * How long an empty outbox stays on the list after a node last put it there. Longer than LISTED_MS, because the node does
 * not list the outbox again within LISTED_MS.
 */
const KEPT_MS = 180_000;
/**
 * For this long after a webhook was deleted, each sweep (`#sweepAll`) removes the webhook's queue again. A node that does
 * not know of the deletion yet may add to the queue.
 */
const DELETED_MS = 60_000;
const REMEMBERED_OUTBOXES = 10_000;
/**
 * How many outboxes a sweep reads at a time. Outboxes that are removed from the list shift the later ones, so a
 * sweep may skip some. The next sweep reads those.
 */
const SWEPT_AT_ONCE = 500;
/** How often an idle node tries to sweep. The node that sweeps also reads the webhooks again. */
const IDLE_SWEEP_MS = 120_000;

type Dependencies = Pick<DomainDependencies, "redis" | "keys" | "log" | "pace">;

/** The queues of webhooks. */
export interface DeliveryQueues {
  /**
   * Adds deliveries of events to the queue of a webhook, except deliveries that are in the queue already. Drops
   * deliveries for which the queue has no room.
   */
  add(endpoint: Endpoint, events: readonly QueuedEvent[]): Promise<void>;
  /** Removes the queue of a deleted webhook. */
  remove(webhook: string): Promise<void>;
}

/**
 * Moves events from the outboxes, where scripts put them, to the queues of the webhooks. The node that ran a
 * script moves its events at once. If that node stops before it has moved them, another node finds them
 * through the list of outboxes: a node lists an outbox before it runs a script that may add to the outbox.
 * See docs/decisions/0017-outboxes.md.
 */
export class OutboxMover implements Outboxes {
  readonly #dependencies: Dependencies;
  readonly #registry: WebhookRegistry;
  readonly #queues: DeliveryQueues;
  readonly #sweepMs: number;
  /** When this node put each outbox on the list, by the clock of `performance`. */
  readonly #listedAt = new Map<string, number>();
  /**
   * The outboxes from which events are being moved. `again` is true when
   * events were added meanwhile, so that the outbox is read once more.
   */
  readonly #moving = new Map<string, { again: boolean; done: Promise<void> }>();
  #stopSweeping = () => {};
  #isStopped = false;

  constructor(
    dependencies: Dependencies,
    registry: WebhookRegistry,
    queues: DeliveryQueues,
    sweepMs: number,
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#queues = queues;
    this.#sweepMs = sweepMs;
  }

  start(): void {
    const interval = { ms: this.#sweepMs, idleMs: IDLE_SWEEP_MS };
    this.#stopSweeping = this.#dependencies.pace.every(interval, this.#sweep);
    this.#sweep();
  }

  /** Stops, and waits for the moves that are running. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopSweeping();
    await Promise.all([...this.#moving.values()].map(({ done }) => done));
  }

  async note(source: EventSource): Promise<void> {
    const name = nameOfSource(source);
    const listedAt = this.#listedAt.get(name);
    if (listedAt !== undefined && performance.now() - listedAt < LISTED_MS) return;
    const startedAt = performance.now();
    const { redis, keys } = this.#dependencies;
    await runScript(redis, noteOutboxScript, keys.webhooks, { source: name });
    if (this.#listedAt.size >= REMEMBERED_OUTBOXES) this.#listedAt.clear();
    this.#listedAt.set(name, startedAt);
  }

  drain(source: EventSource): void {
    const name = nameOfSource(source);
    const moving = this.#moving.get(name);
    if (moving) {
      moving.again = true;
      return;
    }
    if (this.#isStopped) return;
    const state = { again: false, done: Promise.resolve() };
    this.#moving.set(name, state);
    state.done = this.#drain(source, state)
      .catch((error: unknown) => {
        // The events stay in the outbox, and the next sweep of any node moves them.
        this.#dependencies.log.warn({ err: error, source: name }, "moving events to webhooks failed");
      })
      .finally(() => this.#moving.delete(name));
  }

  async #drain(source: EventSource, state: { again: boolean }): Promise<void> {
    do {
      state.again = false;
      while ((await this.#moveSome(source)) > 0);
    } while (state.again);
  }

  /** Moves some entries of an outbox. @returns the number of entries that are left */
  async #moveSome(source: EventSource): Promise<number> {
    const { redis, keys } = this.#dependencies;
    const outbox = outboxOf(keys, source);
    const entries = await redis.lrange(outbox, 0, ENTRIES_PER_STEP - 1);
    if (entries.length === 0) return 0;
    const events = entries.map((entry) => queuedEventOf(source, entry));
    const wanted = this.#registry.endpoints.map((endpoint) => ({
      endpoint,
      events: events.filter(({ event }) => wantsEvent(endpoint, event, source.id)),
    }));
    await Promise.all(wanted.map(({ endpoint, events: own }) => this.#queues.add(endpoint, own)));
    return (await runScript(redis, acknowledgeScript, { outbox }, { entries })) as number;
  }

  readonly #sweep = (): void => {
    if (!this.#registry.needsSweep || this.#isStopped) return;
    this.#sweepAll().catch((error: unknown) => {
      this.#dependencies.log.warn({ err: error }, "sweeping the outboxes failed");
    });
  };

  /**
   * Moves the events that nodes left in outboxes when they stopped. Because of the key `sweep`, only one node begins a
   * sweep per interval. A long sweep may overlap with the next.
   */
  async #sweepAll(): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const { outboxes, sweep } = keys.webhooks;
    if ((await redis.set(sweep, "1", "PX", this.#sweepMs, "NX")) === null) return;
    for (let at = 0; ; at += SWEPT_AT_ONCE) {
      const names = await redis.zrange(outboxes, String(at), String(at + SWEPT_AT_ONCE - 1));
      const lengths = await Promise.all(names.map((name) => redis.llen(outboxOf(keys, sourceOf(name)))));
      for (const [number, name] of names.entries()) if (lengths[number]! > 0) this.drain(sourceOf(name));
      const empty = names.filter((_, number) => lengths[number] === 0);
      if (empty.length > 0) {
        await runScript(redis, forgetOutboxesScript, keys.webhooks, { keptMs: KEPT_MS, sources: empty });
      }
      if (names.length < SWEPT_AT_ONCE) break;
    }
    await this.#removeQueues();
    await this.#registry.load();
  }

  /**
   * Removes the queues of deleted webhooks. For DELETED_MS after a deletion each sweep repeats this, because a node
   * that did not know of the deletion yet may have added to the queue.
   */
  async #removeQueues(): Promise<void> {
    const { redis, keys } = this.#dependencies;
    for (const webhook of this.#registry.deleted) await this.#queues.remove(webhook);
    await runScript(redis, forgetDeletedScript, keys.webhooks, { keptMs: DELETED_MS });
  }
}
