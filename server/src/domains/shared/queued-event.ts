import { randomUUID } from "node:crypto";
import type { WebhookEventName, webhookEvents } from "@grandstand/shared/webhook-events";
import type { z } from "zod";
import type { Keys } from "../../redis/keys.js";

/** The resource that an event is about. Presence and chat of a room are one source. */
export interface EventSource {
  kind: "board" | "room" | "counter" | "user";
  id: string;
}

/** An event as it was queued. */
export interface QueuedEvent {
  event: WebhookEventName;
  /** Unique. */
  id: string;
  /** The call that caused it, in the format of W3C's trace context. Only of calls that are traced. */
  traceparent?: string;
  source: EventSource;
  /** When it happened, in ms since 1970 by the clock of Redis. */
  atMs: number;
  /** What the script queued with it. */
  values: string[];
}

/** What a webhook chose beyond events and ids. */
export interface EventOptions {
  /** The number of ranks whose changes it receives. */
  top: number;
}

/** What a domain knows of one of its events. */
export interface EventReader<Name extends WebhookEventName> {
  /** Reads what a webhook receives. It may read Redis: the queues hold no content that a deletion must remove. */
  read(event: QueuedEvent, options: EventOptions): Promise<z.output<(typeof webhookEvents)[Name]>>;
  /** The users that the queued values name, for erasures. */
  users(event: QueuedEvent): readonly string[];
  /** Whether a webhook receives it that wants the event and the source. Always when not given. */
  concerns?(event: QueuedEvent, options: EventOptions): boolean;
}

/** The key of a source's outbox, which shares the hash tag of the source. */
export function outboxOf(keys: Keys, { kind, id }: EventSource): string {
  return keys[kind](id).outbox;
}

export type EventReaders = { [Name in WebhookEventName]?: EventReader<Name> };

const kinds = ["board", "room", "counter", "user"] as const;

/** The name of a source in the list of outboxes. */
export function nameOfSource({ kind, id }: EventSource): string {
  return `${kind}:${id}`;
}

/** @throws {TypeError} for a name that `nameOfSource` did not make */
export function sourceOf(name: string): EventSource {
  const end = name.indexOf(":");
  const kind = kinds.find((known) => known === name.slice(0, end));
  if (kind === undefined) throw new TypeError(`${name} is not the name of an outbox`);
  return { kind, id: name.slice(end + 1) };
}

/** What begins the ids of the events of one script run; outbox.lua adds their numbers. */
export function eventSeedOf(traceparent: string | undefined): string {
  const id = `evt_${randomUUID().replaceAll("-", "")}`;
  return traceparent === undefined ? id : `${traceparent} ${id}`;
}

/** Reads an entry of an outbox. */
export function queuedEventOf(source: EventSource, entry: string): QueuedEvent {
  const [event, tracedId, atMs, ...values] = JSON.parse(entry) as [string, string, ...string[]];
  const [id, traceparent] = tracedId.split(" ").reverse() as [string, string?];
  return {
    event: event as WebhookEventName,
    id,
    ...(traceparent !== undefined && { traceparent }),
    source,
    atMs: Number(atMs),
    values,
  };
}
