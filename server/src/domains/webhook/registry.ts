import type { Config } from "../../config/config.js";
import type { TopicListener } from "../../redis/topics.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { eventsOfSource, type WantedEvents } from "../shared/event-queue.js";
import type { EventSource } from "../shared/queued-event.js";
import { type Endpoint, settingsEndpoint, storedEndpointOf, wantsEvent } from "./endpoint.js";

type Dependencies = Pick<DomainDependencies, "redis" | "keys" | "log">;

/** This node's copy of the webhooks. The node reads them from Redis again when they change. */
export class WebhookRegistry implements WantedEvents, TopicListener {
  readonly #dependencies: Dependencies;
  readonly #settings: Config["webhooks"];
  readonly #reload: CoalescedTask;
  readonly #listeners: (() => void)[] = [];
  #endpoints: ReadonlyMap<string, Endpoint> = new Map();
  #deleted: readonly string[] = [];
  #hasOutboxes = false;

  constructor(dependencies: Dependencies, settings: Config["webhooks"]) {
    this.#dependencies = dependencies;
    this.#settings = settings;
    this.#reload = new CoalescedTask(
      () => this.load(),
      (error) => dependencies.log.debug({ err: error }, "reading the webhooks failed"),
    );
  }

  /** The webhook of the settings first, then the others from the oldest to the newest. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()];
  }

  /** The ids of deleted webhooks whose queues may have to be removed. */
  get deleted(): readonly string[] {
    return this.#deleted;
  }

  get isAny(): boolean {
    return this.#endpoints.size > 0;
  }

  /** Whether the periodic sweep (outbox-mover.ts) may find events in outboxes, or queues to remove. */
  get needsSweep(): boolean {
    return this.isAny || this.#deleted.length > 0 || this.#hasOutboxes;
  }

  get(id: string): Endpoint | undefined {
    return this.#endpoints.get(id);
  }

  of(source: EventSource): ReturnType<WantedEvents["of"]> {
    const names = new Set<ReturnType<WantedEvents["of"]>["names"][number]>();
    let top = 0;
    for (const endpoint of this.#endpoints.values()) {
      for (const name of eventsOfSource[source.kind]) {
        if (!wantsEvent(endpoint, name, source.id)) continue;
        names.add(name);
        if (name === "leaderboard.rank_changed") top = Math.max(top, endpoint.top);
      }
    }
    return { names: [...names], top };
  }

  /** Reads the webhooks from Redis. */
  async load(): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const { url, secrets } = this.#settings;
    const [stored, deleted, outboxes] = await Promise.all([
      redis.hgetall(keys.webhooks.endpoints),
      redis.zrange(keys.webhooks.deleted, "0", "-1"),
      redis.zcard(keys.webhooks.outboxes),
    ]);
    const endpoints = Object.entries(stored)
      .map(([id, text]) => storedEndpointOf(id, text, secrets))
      .sort((one, other) => one.createdAtMs! - other.createdAtMs!);
    if (url !== null) endpoints.unshift(settingsEndpoint(url, secrets));
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    this.#deleted = deleted;
    this.#hasOutboxes = outboxes > 0;
    for (const listener of this.#listeners) listener();
  }

  /** @param listener called each time the webhooks have been read */
  onLoaded(listener: () => void): void {
    this.#listeners.push(listener);
  }

  receive(): void {
    this.#reload.request();
  }

  resync(): void {
    this.#reload.request();
  }

  close(): void {
    this.#reload.close();
  }
}
