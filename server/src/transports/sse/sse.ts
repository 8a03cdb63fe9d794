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
import type { Credentials } from "../http/credentials.js";
import { addRateLimitHeaders } from "../http/headers.js";
import type { Origins } from "../http/origins.js";
import { sendProblem } from "../http/problem.js";
import type { LiveTransport } from "../live-transport.js";
import { CLOSE_NOTICE_TIMEOUT_MS, closeNotice } from "../live-transport.js";
import { queryReader } from "../rest/query.js";

type EventsRequest = FastifyRequest<{
  Params: { channel: string };
  Querystring: Record<string, unknown>;
  Headers: { "last-event-id"?: string };
}>;

/** Proxies end what is silent for longer. */
const COMMENT_INTERVAL_MS = 15_000;
const COMMENT = Buffer.from(":\n\n");

/**
 * Server-sent events: `GET /v1/channels/{channel}/events` is a connection that follows one channel. Its first
 * event is `subscribed`, with what `channel.subscribe` answers on a socket.
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
      // Who left meanwhile will not be noticed again.
      if (reply.raw.destroyed) return reply.hijack();
      const { channel } = request.params;
      // What becomes of the response concerns nobody but its client.
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
        if (quotaState !== null) addRateLimitHeaders(reply, quotaState);
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

/** Each kind of channel has a view of its own. */
const viewReaders = new Map(
  Object.entries(channelContracts).map(([kind, { view }]) => [kind, queryReader(view)]),
);

/** The view, from the query. */
function viewOf(channel: string, query: Record<string, unknown>): { view?: unknown } {
  if (Object.keys(query).length === 0) return {};
  const readView = viewReaders.get(parseChannel(channel)?.kind ?? "");
  return { view: readView ? readView(query) : query };
}

/** Takes the response out of Fastify's hands, with the headers that its plugins have set. */
function begin(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // nginx would gather events otherwise.
    "x-accel-buffering": "no",
  });
}

/** `<epoch>:<offset>`, and `:<item id>` for a place in a log, which a log that lost its end would not have. */
function eventId({ epoch, offset, id }: Position): string {
  return `${epoch}:${offset}${id === undefined ? "" : `:${id}`}`;
}

/** What does not look like an id of ours is no position: the client begins anew. */
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

/** What is in no log is no place to come back to: it has no id, and the one before it stays the last. */
function idOf(channel: string, epoch: string, { offset, data }: Publication): string | null {
  if (parseChannel(channel)?.kind !== "chat") return eventId({ epoch, offset });
  const { id } = data as { id?: string };
  return id === undefined ? null : eventId({ epoch, offset, id });
}

class SseStream implements EncodedConnection {
  readonly id = randomUUID();
  /** What is to be done as soon as there is a stream to say so on. */
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
    // There is no stream yet while the subscription is under way, and none any more behind the farewell.
    if (this.response.headersSent && !this.response.writableEnded) this.response.write(encoded);
  }

  warn(expiring: Expiring): void {
    this.write(encodeEvent(null, "expiring", expiring));
    this.broadcaster.onSent(this);
  }

  terminate(): void {
    this.response.destroy();
  }

  /** The stream has begun. */
  begun(): void {
    this.#whenBegun?.();
  }

  close(reason: CloseReason): void {
    if (!this.response.headersSent) {
      this.#whenBegun ??= () => this.close(reason);
      return;
    }
    const farewell = closeNotice(reason);
    // What an EventSource waits before it comes back.
    const retry = farewell.reconnectAfterMs === undefined ? "" : `retry: ${farewell.reconnectAfterMs}\n`;
    this.#end(retry + encodeEvent(null, "closing", farewell));
  }

  /** The response is closed. */
  ended(): void {
    clearTimeout(this.#farewell);
  }

  /** Ends the stream, once: a client may take its time to read the last of it, and its connection is here meanwhile. */
  #end(last = ""): void {
    if (this.response.writableEnded) return;
    this.#farewell = setTimeout(() => this.terminate(), CLOSE_NOTICE_TIMEOUT_MS);
    this.response.end(last);
  }
}

function ignore(): void {}
