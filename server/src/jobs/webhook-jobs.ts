import { limits } from "@grandstand/shared/limits";
import type { WebhookPace } from "../config/config.js";
import type { QueueCounts } from "../domains/admin/jobs.js";
import { addErased, type Erased, type ExportedPart } from "../domains/shared/erasure.js";
import { notOurCursor } from "../domains/shared/id-index.js";
import type { EventReader, EventReaders, QueuedEvent } from "../domains/shared/queued-event.js";
import type { Deliveries, DeliveryState } from "../domains/webhook/deliveries.js";
import type { Endpoint } from "../domains/webhook/endpoint.js";
import type { DeliveryQueues } from "../domains/webhook/outbox-mover.js";
import type { WebhookRegistry } from "../domains/webhook/registry.js";
import type { WebhookSender } from "../domains/webhook/sender.js";
import type { ShownProfiles } from "../profiles/shown-profiles.js";
import type { JobQueueOptions } from "./job-queue.js";
import { type AttemptOutcome, type DeliveryJob, type ExportPlace, WebhookQueue } from "./webhook-queue.js";

/** The least time between two log lines about dropped events of the same webhook. */
const DROPPED_LOG_MS = 60_000;

/** Delivers the events of webhooks. A node without webhooks has neither a queue nor a connection for a queue. */
export class WebhookJobs implements Deliveries, DeliveryQueues {
  readonly #options: JobQueueOptions;
  readonly #pace: WebhookPace;
  readonly #registry: WebhookRegistry;
  readonly #sender: WebhookSender;
  readonly #profiles: Pick<ShownProfiles, "show">;
  readonly #queues = new Map<string, WebhookQueue>();
  readonly #dropLoggedAt = new Map<string, number>();
  #readers: EventReaders = {};
  #isClosed = false;

  constructor(
    options: JobQueueOptions,
    pace: WebhookPace,
    registry: WebhookRegistry,
    sender: WebhookSender,
    profiles: Pick<ShownProfiles, "show">,
  ) {
    this.#profiles = profiles;
    this.#options = options;
    this.#pace = pace;
    this.#registry = registry;
    this.#sender = sender;
  }

  /** Call before the registry is loaded. */
  start(readers: EventReaders): void {
    this.#readers = readers;
    this.#registry.onLoaded(this.#onLoaded);
  }

  async add(endpoint: Endpoint, events: readonly QueuedEvent[]): Promise<void> {
    const deliveries = events.flatMap((event) => {
      const reader = this.#readerOf(event);
      if (reader.concerns?.(event, endpoint) === false) return [];
      return [{ id: `${event.id}-${endpoint.id}`, job: { event, users: reader.users(event) } }];
    });
    if (deliveries.length === 0) return;
    const queue = this.#queueOf(endpoint.id);
    const free = limits.webhookPending - (await queue.pending());
    if (free < deliveries.length) this.#noteDropped(endpoint.id, deliveries.length - Math.max(0, free));
    if (free > 0) await queue.add(deliveries.slice(0, free));
  }

  list(webhook: string, state: DeliveryState, first: number, limit: number) {
    return this.#queueOf(webhook).list(state, first, limit);
  }

  replay(webhook: string, ids: readonly string[] | null, limit: number) {
    return this.#queueOf(webhook).replay(ids, limit);
  }

  /** The queues of all webhooks. */
  queues(): Promise<QueueCounts[]> {
    return Promise.all(this.#registry.endpoints.map(({ id }) => this.#queueOf(id).counts()));
  }

  async remove(webhook: string): Promise<void> {
    const queue = this.#queueOf(webhook);
    this.#queues.delete(webhook);
    await queue.remove();
  }

  async eraseUser(user: string): Promise<Erased> {
    let erased: Erased = { deliveries: 0 };
    for (const { id } of this.#registry.endpoints) {
      erased = addErased(erased, { deliveries: await this.#queueOf(id).eraseUser(user) });
    }
    return erased;
  }

  async exportUser(user: string, cursor: string): Promise<ExportedPart> {
    const begin = exportPlaceOf(cursor);
    const lines: ExportedPart["lines"] = [];
    for (const webhook of this.#registry.endpoints.map(({ id }) => id).sort()) {
      if (webhook < begin.webhook) continue;
      const place = webhook === begin.webhook ? begin : { state: 0, at: 0 };
      const { deliveries, next } = await this.#queueOf(webhook).exportUser(user, place);
      lines.push(...deliveries.map((delivery) => ({ kind: "delivery", webhook, ...delivery })));
      if (next !== null) return { lines, nextCursor: `${webhook} ${next.state} ${next.at}` };
    }
    return { lines, nextCursor: null };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queueOf(webhook: string): WebhookQueue {
    let queue = this.#queues.get(webhook);
    if (!queue) {
      queue = new WebhookQueue(webhook, this.#options, this.#pace);
      this.#queues.set(webhook, queue);
    }
    return queue;
  }

  /** Starts the workers of all enabled webhooks, and closes the queues of the others. */
  readonly #onLoaded = (): void => {
    if (this.#isClosed) return;
    const enabled = new Set(
      this.#registry.endpoints.filter(({ isEnabled }) => isEnabled).map(({ id }) => id),
    );
    for (const [id, queue] of this.#queues) {
      if (enabled.has(id)) continue;
      this.#queues.delete(id);
      void queue.close();
    }
    for (const id of enabled) {
      const queue = this.#queueOf(id);
      if (!queue.isWorking) queue.work((delivery, job, signal) => this.#attempt(id, delivery, job, signal));
    }
  };

  async #attempt(
    webhook: string,
    id: string,
    { event }: DeliveryJob,
    signal: AbortSignal,
  ): Promise<AttemptOutcome> {
    const endpoint = this.#registry.get(webhook);
    if (endpoint === undefined) return { reason: "the webhook was deleted", isFinal: true };
    const data: object = await this.#readerOf(event).read(event, endpoint);
    await this.#profiles.show(data);
    const message = { id, event: event.event, atMs: event.atMs, data };
    const { tracer } = this.#options.observer;
    const send = () => {
      const traceparent = tracer?.traceparent;
      return this.#sender.send(endpoint, message, this.#pace.attemptMs, { signal, traceparent });
    };
    if (tracer === undefined) return send();
    return tracer.span(`webhook ${event.event}`, "client", event.traceparent, async (span) => {
      const attempt = await send();
      if (attempt.status !== null) span.set({ "http.response.status_code": attempt.status });
      if (attempt.reason !== null) span.fail(attempt.reason);
      return attempt;
    });
  }

  #readerOf({ event }: QueuedEvent): EventReader<never> {
    const reader = this.#readers[event];
    // A node of a newer version may have queued the event. After the error, a node tries again later.
    if (reader === undefined) throw new TypeError(`this node does not know the event ${event}`);
    return reader as EventReader<never>;
  }

  #noteDropped(webhook: string, count: number): void {
    this.#options.observer.note("webhookDropped", { deliveries: count });
    const now = performance.now();
    if (now - (this.#dropLoggedAt.get(webhook) ?? Number.NEGATIVE_INFINITY) < DROPPED_LOG_MS) return;
    this.#dropLoggedAt.set(webhook, now);
    this.#options.log.warn(
      { webhook, count, limit: limits.webhookPending },
      "events of a webhook are dropped: too many deliveries are pending",
    );
  }
}

/** @throws {GrandstandError} `bad_request` for a text that can't be a cursor of `exportUser` */
function exportPlaceOf(cursor: string): ExportPlace & { webhook: string } {
  if (cursor === "") return { webhook: "", state: 0, at: 0 };
  const [, webhook, state, at] = /^(\S+) (\d{1,2}) (\d{1,9})$/.exec(cursor) ?? [];
  if (webhook === undefined) throw notOurCursor();
  return { webhook, state: Number(state), at: Number(at) };
}
