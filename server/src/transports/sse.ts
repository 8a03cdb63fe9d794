import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { channelContracts } from "@grandstand/shared/channel-contracts";
import { type Push, parseChannel } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Authenticator } from "../auth/authenticator.js";
import type { Caller } from "../calls/caller.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Connections } from "../live/connections.js";
import { closing } from "./closing.js";
import { tokenOf } from "./credentials.js";
import { type EncodedConnection, EncodedWire } from "./encoded-wire.js";
import { sendProblem } from "./problem.js";
import { queryReader } from "./query.js";
import type { LiveTransport } from "./transport.js";

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
  options: { authenticator: Authenticator; dispatcher: Dispatcher; connections: Connections },
): LiveTransport {
  const { authenticator, dispatcher, connections } = options;
  const wire = new EncodedWire(encodePush);

  app.get(
    "/v1/channels/:channel/events",
    { exposeHeadRoute: false },
    async (request: EventsRequest, reply) => {
      connections.checkAdmission();
      const caller = await authenticator.identifyConnection(tokenOf(request.headers));
      // Who left meanwhile will not be noticed again.
      if (reply.raw.destroyed) return reply.hijack();
      const { channel } = request.params;
      const stream = new SseStream(reply.raw, caller, wire);
      connections.add(stream);
      reply.raw.on("close", () => connections.remove(stream));
      const { ack, sent } = await dispatcher.dispatch({
        operation: "channel.subscribe",
        input: { channel, ...viewOf(channel, request.query), ...sinceOf(request.headers["last-event-id"]) },
        bytes: 0,
        from: stream,
      });
      if (!ack.ok) {
        connections.remove(stream);
        return sendProblem(reply, ack.error);
      }
      begin(reply);
      const { position } = ack.data as { position: { epoch: string; offset: number } };
      stream.write(encodeEvent(`${position.epoch}:${position.offset}`, "subscribed", ack.data));
      sent();
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

/** What does not look like `<epoch>:<offset>` is no position of ours: the client begins anew. */
function sinceOf(lastEventId: string | undefined) {
  const [, epoch, offset] = /^([^:]{1,64}):(\d{1,15})$/.exec(lastEventId ?? "") ?? [];
  return epoch === undefined ? {} : { since: { epoch, offset: Number(offset) } };
}

function encodeEvent(id: string | null, event: string, content: unknown): Buffer {
  const idLine = id === null ? "" : `id: ${id}\n`;
  return Buffer.from(`${idLine}event: ${event}\ndata: ${JSON.stringify(content)}\n\n`);
}

function encodePush({ epoch, publications }: Push): Buffer {
  const events = publications.map(({ offset, event, data }) =>
    encodeEvent(`${epoch}:${offset}`, event, data),
  );
  return Buffer.concat(events);
}

class SseStream implements EncodedConnection {
  readonly id = randomUUID();

  constructor(
    readonly response: ServerResponse,
    readonly caller: Caller,
    readonly wire: EncodedWire,
  ) {}

  send(push: Push): void {
    this.write(encodePush(push));
  }

  write(encoded: Buffer): void {
    // There is no stream yet while the subscription is under way, and none any more behind the farewell.
    if (this.response.headersSent && !this.response.writableEnded) this.response.write(encoded);
  }

  terminate(): void {
    this.response.destroy();
  }

  close(reason: CloseReason): void {
    if (!this.response.headersSent) return;
    const farewell = closing(reason);
    // What an EventSource waits before it comes back.
    const retry = farewell.reconnectAfterMs === undefined ? "" : `retry: ${farewell.reconnectAfterMs}\n`;
    this.response.end(retry + encodeEvent(null, "closing", farewell));
  }
}
