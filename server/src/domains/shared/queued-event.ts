import { randomUUID } from "node:crypto";
import type { WebhookEventName, webhookEvents } from "@grandstand/shared/webhook-events";
import type { z } from "zod";
import type { Keys } from "../../redis/keys.js";

const kinds = ["board", "room", "counter", "user"] as const;

/** The resource that an event is about. Chat events and presence events of a room have the same source. */
export interface EventSource {
  kind: (typeof kinds)[number];
  id: string;
}

/** An event in an outbox or in the queue of a webhook. */
export interface QueuedEvent {
  event: WebhookEventName;
  /** Unique. */
  id: string;
  /** The call that caused the event, in the format of W3C Trace Context. Only for a call that is traced. */
  traceparent?: string;
  source: EventSource;
  /** When the event happened, in ms since 1970 by the clock of Redis. */
  atMs: number;
  /** The further values that the script queued with the event. */
  values: string[];
}

/** The options of a webhook that an event reader needs. */
export interface EventOptions {
  /** The webhook receives the changes of the first `top` ranks. */
  top: number;
}

/** How a domain turns one kind of queued event into what webhooks receive. */
export interface EventReader<Name extends WebhookEventName> {
  /**
   * Reads the data that a webhook receives. The text of a message is read from Redis here and not queued, because no queue
   * may keep the text after the message was deleted.
   */
  read(event: QueuedEvent, options: EventOptions): Promise<z.output<(typeof webhookEvents)[Name]>>;
  /** The users in the queued values, for erasures. */
  users(event: QueuedEvent): readonly string[];
  /**
   * Called for a webhook that wants the event's name and source. Returns whether the webhook receives this event, given the
   * webhook's options. Without this function, the webhook receives every such event.
   */
  concerns?(event: QueuedEvent, options: EventOptions): boolean;
}

/** The key of a source's outbox. It has the same hash tag as the other keys of the source. */
export function outboxOf(keys: Keys, { kind, id }: EventSource): string {
  return keys[kind](id).outbox;
}

export type EventReaders = { [Name in WebhookEventName]?: EventReader<Name> };

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

/** `evt_<hex>` or `<traceparent> evt_<hex>`. For each event of a script run, outbox.lua appends a number. */
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
