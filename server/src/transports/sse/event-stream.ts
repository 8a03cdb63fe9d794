import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { channelContractOf } from "@grandstand/shared/channel-contracts";
import type { Position, Publication, Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Expiring } from "@grandstand/shared/frames";
import type { Caller } from "../../core/caller.js";
import type { Broadcaster, Connection } from "../../core/connection.js";
import type { ClosedBy } from "../../observer/observer.js";
import type { EncodedBroadcaster, EncodedConnection } from "../broadcaster.js";
import { CLOSE_NOTICE_TIMEOUT_MS, closeNotice } from "../live-transport.js";

/** One response that sends events. */
export abstract class EventStream {
  readonly id = randomUUID();
  readonly transport = "sse";
  closedBy: ClosedBy = "client";
  readonly response: ServerResponse;
  readonly address: string;
  caller: Caller;
  abstract readonly broadcaster: Broadcaster & { onSent(connection: Connection): void };
  abstract send(push: Push): void;
  /** How many subscriptions have not ended. */
  #subscriptions: number;
  /** Called when the response begins. */
  #onBegin: (() => void) | null = null;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, caller: Caller, address: string, subscriptions: number) {
    this.response = response;
    this.caller = caller;
    this.address = address;
    this.#subscriptions = subscriptions;
  }

  get queuedBytes(): number {
    return this.response.writableLength;
  }

  /** The server ended a subscription. The stream ends with its last subscription. */
  onSubscriptionEnded(): void {
    this.#subscriptions -= 1;
    if (this.#subscriptions > 0) return;
    this.closedBy = "ended";
    if (this.response.headersSent) this.#end();
    else this.#onBegin ??= () => this.#end();
  }

  protected writeBytes(bytes: Buffer): void {
    // No publication is lost before the response has begun: until then the hub (the node's fan-out) holds publications back.
    // The close notice ends the response, and no event may follow the notice.
    if (this.response.headersSent && !this.response.writableEnded) this.response.write(bytes);
  }

  comment(): void {
    this.writeBytes(COMMENT);
  }

  warn(expiring: Expiring): void {
    this.writeBytes(Buffer.from(eventOf("expiring", expiring)));
    this.broadcaster.onSent(this);
  }

  terminate(): void {
    if (this.closedBy === "client") this.closedBy = "terminated";
    this.response.destroy();
  }

  /** The response has begun. */
  begin(): void {
    this.#onBegin?.();
  }

  close(reason: CloseReason): void {
    if (!this.response.headersSent) {
      this.#onBegin ??= () => this.close(reason);
      return;
    }
    if (this.closedBy === "client") this.closedBy = reason;
    const notice = closeNotice(reason);
    // `retry` sets the reconnection time of an EventSource.
    const retry = notice.reconnectAfterMs === undefined ? "" : `retry: ${notice.reconnectAfterMs}\n`;
    this.#end(retry + eventOf("closing", notice));
  }

  /** The response is closed. */
  onClose(): void {
    clearTimeout(this.#closeTimer);
  }

  /** Ends the response, unless it has ended. The stream counts as a connection until the client has read the rest. */
  #end(last = ""): void {
    if (this.response.writableEnded) return;
    this.#closeTimer = setTimeout(() => this.terminate(), CLOSE_NOTICE_TIMEOUT_MS);
    this.response.end(last);
  }
}

/** A stream of one channel. The id of an event is its position; an event without a position (`positionOf`) has no id. */
export class ChannelStream extends EventStream implements EncodedConnection {
  constructor(
    response: ServerResponse,
    caller: Caller,
    address: string,
    readonly broadcaster: EncodedBroadcaster,
  ) {
    super(response, caller, address, 1);
  }

  /** Sends the first event: the reply to the subscription. */
  subscribed(reply: { position: Position }): void {
    this.writeBytes(Buffer.from(`id: ${idOf(reply.position)}\n${eventOf("subscribed", reply)}`));
  }

  send(push: Push): void {
    this.write(encodePush(push));
    this.broadcaster.onSent(this);
  }

  write(encoded: Buffer): void {
    this.writeBytes(encoded);
  }
}

/** A push for streams of many channels. Its events have no ids yet, because the ids differ between streams. */
export interface PushOfMany {
  channel: string;
  events: { position: string | null; text: string }[];
}

/**
 * A stream of many channels. The data of each event is `{channel, data}`. The id of an event with a position lists the
 * positions of all channels, in the order of the request. So one `Last-Event-ID` resumes all channels.
 */
export class MultiChannelStream extends EventStream implements EncodedConnection<PushOfMany> {
  readonly #positions: Map<string, string>;

  constructor(
    response: ServerResponse,
    caller: Caller,
    address: string,
    readonly broadcaster: EncodedBroadcaster<PushOfMany>,
    channels: readonly string[],
  ) {
    super(response, caller, address, channels.length);
    this.#positions = new Map(channels.map((channel) => [channel, ""]));
  }

  /** Sends an event about the subscription of one channel: the reply, or the reason why it was refused. */
  notify(channel: string, event: string, data: unknown, position: Position | null): void {
    const text = eventOf(event, { channel, data });
    this.write({ channel, events: [{ position: position && idOf(position), text }] });
  }

  send(push: Push): void {
    this.write(encodePushOfMany(push));
    this.broadcaster.onSent(this);
  }

  write({ channel, events }: PushOfMany): void {
    let texts = "";
    for (const { position, text } of events) {
      if (position !== null) {
        this.#positions.set(channel, position);
        texts += `id: ${[...this.#positions.values()].join(",")}\n`;
      }
      texts += text;
    }
    this.writeBytes(Buffer.from(texts));
  }
}

const COMMENT = Buffer.from(":\n\n");

export function encodePush({ channel, epoch, publications }: Push): Buffer {
  const texts = publications.map((publication) => {
    const position = positionOf(channel, epoch, publication);
    return `${position === null ? "" : `id: ${position}\n`}${eventOf(publication.event, publication.data)}`;
  });
  return Buffer.from(texts.join(""));
}

export function encodePushOfMany({ channel, epoch, publications }: Push): PushOfMany {
  const events = publications.map((publication) => ({
    position: positionOf(channel, epoch, publication),
    text: eventOf(publication.event, { channel, data: publication.data }),
  }));
  return { channel, events };
}

/** The positions in `Last-Event-ID`, one for each channel; undefined where there is none. */
export function positionsIn(lastEventId: string | undefined, channelCount: number): (Position | undefined)[] {
  const ids = (lastEventId ?? "").split(",");
  // An id with more or fewer positions than `channelCount` is from a stream of other channels. All subscriptions then begin
  // with snapshots. An id of other channels passes this check if it has `channelCount` positions. Then `channel.subscribe`
  // finds that the epochs do not match.
  if (ids.length !== channelCount) return Array(channelCount).fill(undefined);
  return ids.map((text) => {
    const [, epoch, offset, id] = /^([^:]{1,64}):(\d{1,15})(?::([^:]{1,64}))?$/.exec(text) ?? [];
    if (epoch === undefined) return undefined;
    return { epoch, offset: Number(offset), ...(id !== undefined && { id }) };
  });
}

function eventOf(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** `<epoch>:<offset>`, and `:<item id>` where the channel's items have ids. */
function idOf({ epoch, offset, id }: Position): string {
  return `${epoch}:${offset}${id === undefined ? "" : `:${id}`}`;
}

/**
 * The `id` field of an event, from which a client resumes. Null if the channel's items have ids, but this publication has
 * none because it is not stored. The client then resumes from an earlier event.
 */
function positionOf(channel: string, epoch: string, { offset, data }: Publication): string | null {
  if (!channelContractOf(channel)?.hasItemIds) return idOf({ epoch, offset });
  const { id } = data as { id?: string };
  return id === undefined ? null : idOf({ epoch, offset, id });
}
