import { channelContracts } from "@grandstand/shared/channel-contracts";
import { type Position, parseChannel } from "@grandstand/shared/channels";
import { errorTable } from "@grandstand/shared/error-table";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../../core/caller.js";
import type { Connection } from "../../core/connection.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher, Reply } from "../../dispatch/dispatcher.js";
import type { Connections } from "../../live/connections.js";
import type { SlowConsumers } from "../../live/slow-consumers.js";
import { EncodedBroadcaster } from "../broadcaster.js";
import type { Credentials } from "../http/credentials.js";
import { addRateLimitHeaders } from "../http/headers.js";
import type { Origins } from "../http/origins.js";
import { sendProblem } from "../http/problem.js";
import { traceparentOf } from "../http/traceparent.js";
import type { LiveTransport } from "../live-transport.js";
import { queryReader } from "../rest/query.js";
import {
  ChannelStream,
  EventStream,
  encodePush,
  encodePushOfMany,
  MultiChannelStream,
  positionsIn,
} from "./event-stream.js";

type Query = Record<string, unknown>;
type EventsRequest = FastifyRequest<{ Params: { channel: string }; Querystring: Query }>;

/** How often each stream gets a comment, so that proxies do not close it as idle. */
const COMMENT_INTERVAL_MS = 15_000;

/**
 * Server-sent events. `GET /v1/channels/{channel}/events` follows one channel. `GET /v1/events?channel=a&channel=b` follows
 * up to 32 channels. The first event of each channel is `subscribed`, with the reply to `channel.subscribe`. On a stream of
 * many channels, the first event of a refused channel is `channel.ended`.
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
  const onSent = (connection: Connection) => slowConsumers.note(connection);
  const single = new EncodedBroadcaster(encodePush, onSent);
  const multi = new EncodedBroadcaster(encodePushOfMany, onSent);

  const admit = async ({ address, headers }: FastifyRequest): Promise<Caller> => {
    origins.check(headers);
    await admission.open(address);
    return admission.identify(credentials.ofRequest(headers, true), address);
  };

  const open = (stream: EventStream & Connection): void => {
    const { response } = stream;
    response.on("error", ignore);
    connections.add(stream);
    response.on("close", () => {
      stream.onClose();
      connections.remove(stream);
    });
  };

  const subscribe = (
    { headers }: FastifyRequest,
    from: Connection,
    channel: string,
    since: Position | undefined,
    view: Query,
  ) =>
    dispatcher.dispatch({
      operation: "channel.subscribe",
      input: { channel, ...view, ...(since && { since }) },
      bytes: 0,
      from,
      traceparent: traceparentOf(headers),
    });

  const refuse = (reply: FastifyReply, from: EventStream & Connection, error: WireError, result: Reply) => {
    const { quotaState } = result;
    from.closedBy = "ended";
    connections.remove(from);
    if (quotaState !== null) addRateLimitHeaders(reply, quotaState);
    return sendProblem(reply, error);
  };

  app.get(
    "/v1/channels/:channel/events",
    { exposeHeadRoute: false, config: { transport: "sse" } },
    async (request: EventsRequest, reply) => {
      const caller = await admit(request);
      // If the client has disconnected meanwhile, the response emits no more `close`, and nothing would remove the stream.
      if (reply.raw.destroyed) return reply.hijack();
      const { channel } = request.params;
      const stream = new ChannelStream(reply.raw, caller, request.address, single);
      open(stream);
      const [since] = positionsIn(lastEventIdOf(request), 1);
      const result = await subscribe(request, stream, channel, since, viewOf(channel, request.query));
      if (!result.ack.ok) return refuse(reply, stream, result.ack.error, result);
      beginResponse(reply);
      stream.subscribed(result.ack.data as { position: Position });
      result.sent();
      stream.begin();
      return reply;
    },
  );

  app.get(
    "/v1/events",
    { exposeHeadRoute: false, config: { transport: "sse" } },
    async (request: EventsRequest, reply) => {
      const caller = await admit(request);
      if (reply.raw.destroyed) return reply.hijack();
      const channels = channelsIn(request.query);
      const stream = new MultiChannelStream(reply.raw, caller, request.address, multi, channels);
      open(stream);
      const positions = positionsIn(lastEventIdOf(request), channels.length);
      const results = await Promise.all(
        channels.map(async (channel, index) => ({
          channel,
          result: await subscribe(request, stream, channel, positions[index], {}),
        })),
      );
      const refusals = results.flatMap(({ result }) =>
        result.ack.ok ? [] : [{ error: result.ack.error, result }],
      );
      // If one refusal is temporary, the whole stream is refused, so that the client tries again.
      const refusal =
        refusals.find(({ error }) => errorTable[error.code].retry) ??
        (refusals.length === channels.length ? refusals[0] : undefined);
      if (refusal) return refuse(reply, stream, refusal.error, refusal.result);
      beginResponse(reply);
      for (const { channel, result } of results) {
        const { ack, sent } = result;
        if (ack.ok) {
          stream.notify(channel, "subscribed", ack.data, (ack.data as { position: Position }).position);
          sent();
        } else {
          const { code, message } = ack.error;
          stream.notify(channel, "channel.ended", { code, message }, null);
          stream.onSubscriptionEnded();
        }
      }
      stream.begin();
      return reply;
    },
  );

  const comments = setInterval(() => {
    for (const connection of connections) if (connection instanceof EventStream) connection.comment();
  }, COMMENT_INTERVAL_MS);

  return {
    async stop() {
      clearInterval(comments);
      for (const connection of connections) if (connection instanceof EventStream) connection.terminate();
    },
  };
}

/** @throws {GrandstandError} `bad_request` unless the query names 1 to 32 different channels, and nothing else */
function channelsIn({ channel, ...rest }: Query): string[] {
  const channels = [channel ?? []].flat() as string[];
  const [unknown] = Object.keys(rest);
  const message =
    unknown !== undefined
      ? "is not a known field"
      : channels.length === 0 || channels.length > limits.channelsPerStream
        ? `must be given 1 to ${limits.channelsPerStream} times`
        : new Set(channels).size < channels.length
          ? "must not be given twice with the same value"
          : null;
  if (message === null) return channels;
  const path = unknown ?? "channel";
  throw new GrandstandError("bad_request", `${path} ${message}`, {
    issues: [{ path, rule: unknown === undefined ? "count" : "unknown", message }],
  });
}

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  return headers["last-event-id"] as string | undefined;
}

/**
 * For each kind of channel, a function that reads a view from a query. A view is the part of a channel that a subscriber
 * wants, such as the ten best entries of a board.
 */
const viewReaders = new Map(
  Object.entries(channelContracts).map(([kind, { view }]) => [kind, queryReader(view)]),
);

/** The view of a subscription, from the query. Without a query, the view is left out. */
function viewOf(channel: string, query: Query): { view?: unknown } {
  if (Object.keys(query).length === 0) return {};
  const readView = viewReaders.get(parseChannel(channel)?.kind ?? "");
  return { view: readView ? readView(query) : query };
}

/** Takes the response over from Fastify, with the headers that its plugins have set. */
function beginResponse(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    // `no-transform` forbids compression: a proxy that compresses would buffer events.
    "cache-control": "no-store, no-transform",
    // Without this header, nginx would buffer events.
    "x-accel-buffering": "no",
  });
}

function ignore(): void {}
