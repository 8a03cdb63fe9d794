import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { channelContracts } from "@grandstand/shared/channel-contracts";
import { type Position, type Publication, type Push, parseChannel } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { Expiring } from "@grandstand/shared/frames";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../../core/caller.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import type { Connections } from "../../live/connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import { EncodedBroadcaster, type EncodedConnection } from "../broadcaster.js";
import { CLOSE_NOTICE_TIMEOUT_MS, closeNotice } from "../close-notice.js";
import type { Credentials } from "../http/credentials.js";
import type { Origins } from "../http/origins.js";
import { sendProblem } from "../http/problem.js";
import { showQuotaState } from "../http/rate-limit-headers.js";
import { queryReader } from "../rest/query.js";
import type { LiveTransport } from "../transport.js";

type EventsRequest = FastifyRequest<{
  Params: { channel: string };
  Querystring: Record<string, unknown>;
  Headers: { "last-event-id"?: string };
}>;

/** Proxies close a response that is silent for longer. */
const COMMENT_INTERVAL_MS = 15_000;
const COMMENT = Buffer.from(":\n\n");

/**
 * Server-sent events: `GET /v1/channels/{channel}/events` is a connection with one subscription. Its first event is
 * `subscribed`, with the reply of `channel.subscribe`.
 */
export function sse(
  app: FastifyInstance,
  options: {
    origins: Origins;
    credentials: Credentials;
    admission: Admission;
    dispatcher: Dispatcher;
    connections: Connections;
    slowConsumers: SlowConsumers;
  },
): LiveTransport {
  const { origins, credentials, admission, dispatcher, connections, slowConsumers } = options;
  const broadcaster = new EncodedBroadcaster(encodePush, (connection) => slowConsumers.note(connection));

  app.get(
    "/v1/channels/:channel/events",
    { exposeHeadRoute: false },
    async (request: EventsRequest, reply) => {
      const { address, headers } = request;
      origins.check(headers);
      await admission.open(address);
      const caller = await admission.identify(credentials.ofRequest(headers, true), address);
      // A client that left meanwhile causes no further event.
      if (reply.raw.destroyed) return reply.hijack();
      const { channel } = request.params;
      // A failed write concerns only the client.
      reply.raw.on("error", ignore);
      const stream = new SseStream(reply.raw, caller, broadcaster, address);
      connections.add(stream);
      reply.raw.on("close", () => {
        stream.ended();
        connections.remove(stream);
      });
      const { ack, quotaState, sent } = await dispatcher.dispatch({
        operation: "channel.subscribe",
        input: { channel, ...viewOf(channel, request.query), ...sinceOf(request.headers["last-event-id"]) },
        bytes: 0,
        from: stream,
      });
      if (!ack.ok) {
        connections.remove(stream);
        if (quotaState !== null) showQuotaState(reply, quotaState);
        return sendProblem(reply, ack.error);
      }
      begin(reply);
      const { position } = ack.data as { position: Position };
      stream.write(encodeEvent(eventId(position), "subscribed", ack.data));
      sent();
      stream.begun();
      return reply;
    },
  );

  const comments = setInterval(() => {
    for (const connection of connections) if (connection instanceof SseStream) connection.write(COMMENT);
  }, COMMENT_INTERVAL_MS);

  return {
    async stop() {
      clearInterval(comments);
      for (const connection of connections) if (connection instanceof SseStream) connection.terminate();
    },
  };
}

/** Each kind of channel has its own view. */
const viewReaders = new Map(
  Object.entries(channelContracts).map(([kind, { view }]) => [kind, queryReader(view)]),
);

/** Reads the view from the query. */
function viewOf(channel: string, query: Record<string, unknown>): { view?: unknown } {
  if (Object.keys(query).length === 0) return {};
  const readView = viewReaders.get(parseChannel(channel)?.kind ?? "");
  return { view: readView ? readView(query) : query };
}

/** Takes over the response from Fastify, with the headers that its plugins have set. */
function begin(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // Otherwise nginx would buffer events.
    "x-accel-buffering": "no",
  });
}

/** `<epoch>:<offset>`, with `:<item id>` for a log: a log that lost its tail does not contain the item. */
function eventId({ epoch, offset, id }: Position): string {
  return `${epoch}:${offset}${id === undefined ? "" : `:${id}`}`;
}

/** An unknown form of id is not a position: the client gets a new snapshot. */
function sinceOf(lastEventId: string | undefined): { since?: Position } {
  const [, epoch, offset, id] = /^([^:]{1,64}):(\d{1,15})(?::([^:]{1,64}))?$/.exec(lastEventId ?? "") ?? [];
  if (epoch === undefined) return {};
  return { since: { epoch, offset: Number(offset), ...(id !== undefined && { id }) } };
}

function encodeEvent(id: string | null, event: string, content: unknown): Buffer {
  const idLine = id === null ? "" : `id: ${id}\n`;
  return Buffer.from(`${idLine}event: ${event}\ndata: ${JSON.stringify(content)}\n\n`);
}

function encodePush({ channel, epoch, publications }: Push): Buffer {
  const events = publications.map((publication) =>
    encodeEvent(idOf(channel, epoch, publication), publication.event, publication.data),
  );
  return Buffer.concat(events);
}

/** A publication outside of the log has no id, so the client resumes from the one before. */
function idOf(channel: string, epoch: string, { offset, data }: Publication): string | null {
  if (parseChannel(channel)?.kind !== "chat") return eventId({ epoch, offset });
  const { id } = data as { id?: string };
  return id === undefined ? null : eventId({ epoch, offset, id });
}

class SseStream implements EncodedConnection {
  readonly id = randomUUID();
  /** Calls that wait for the start of the stream. */
  #whenBegun: (() => void) | null = null;
  #farewell: NodeJS.Timeout | undefined;

  constructor(
    readonly response: ServerResponse,
    public caller: Caller,
    readonly broadcaster: EncodedBroadcaster,
    readonly address: string,
  ) {}

  get queuedBytes(): number {
    return this.response.writableLength;
  }

  send(push: Push): void {
    this.write(encodePush(push));
    this.broadcaster.onSent(this);
  }

  onSubscriptionEnded(): void {
    if (this.response.headersSent) this.#end();
    else this.#whenBegun ??= () => this.onSubscriptionEnded();
  }

  write(encoded: Buffer): void {
    // There is no stream before the reply of the subscription, and none after the close notice.
    if (this.response.headersSent && !this.response.writableEnded) this.response.write(encoded);
  }

  warn(expiring: Expiring): void {
    this.write(encodeEvent(null, "expiring", expiring));
    this.broadcaster.onSent(this);
  }

  terminate(): void {
    this.response.destroy();
  }

  /** Called when the stream has started. */
  begun(): void {
    this.#whenBegun?.();
  }

  close(reason: CloseReason): void {
    if (!this.response.headersSent) {
      this.#whenBegun ??= () => this.close(reason);
      return;
    }
    const farewell = closeNotice(reason);
    // The delay before an EventSource reconnects.
    const retry = farewell.reconnectAfterMs === undefined ? "" : `retry: ${farewell.reconnectAfterMs}\n`;
    this.#end(retry + encodeEvent(null, "closing", farewell));
  }

  /** Called when the response is closed. */
  ended(): void {
    clearTimeout(this.#farewell);
  }

  /** Ends the stream once. The connection stays open until the client has read the rest. */
  #end(last = ""): void {
    if (this.response.writableEnded) return;
    this.#farewell = setTimeout(() => this.terminate(), CLOSE_NOTICE_TIMEOUT_MS);
    this.response.end(last);
  }
}

function ignore(): void {}
