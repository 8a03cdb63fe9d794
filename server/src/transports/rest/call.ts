import type { OperationName } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import type { FastifyReply, RouteOptions } from "fastify";
import { EncodedResult } from "../../core/encoded-result.js";
import type { Dispatcher, Request } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { addRateLimitHeaders } from "../http/headers.js";
import { sendProblem } from "../http/problem.js";
import { traceparentOf } from "../http/traceparent.js";
import { sendEncoded } from "./encoded.js";
import type { InputReader, RestRequest } from "./input.js";

export type RestRoute = Pick<RouteOptions, "method" | "url" | "bodyLimit">;

/** Calls one operation with an input that is not validated yet. Never rejects. */
export type Call = (input: unknown) => Promise<Ack>;

/**
 * Makes calls with the credential of a request.
 * @throws {GrandstandError} `forbidden` when the request's cookie may come from a page whose origin is not allowed.
 */
export function callsOf(
  request: RestRequest,
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
): Call {
  const from = senderOf(request, credentials);
  return async (input) => {
    const traceparent = traceparentOf(request.headers);
    // `bytes` is 0, because the size of the input needs no check. Fastify limits the size of a JSON body. An upload of
    // lines (upload.ts) has no limit, but each call has only a small part of the upload as its input.
    const { ack } = await dispatcher.dispatch({ operation, input, bytes: 0, from, traceparent });
    return ack;
  };
}

function senderOf({ method, headers, address }: RestRequest, credentials: Credentials) {
  const isRead = method === "GET" || method === "HEAD";
  return { token: null, ...credentials.ofRequest(headers, isRead), address };
}

/** Makes the one call of a request, and sets the rate limit headers of its response. Never rejects. */
export async function dispatchOnce(
  dispatcher: Dispatcher,
  reply: FastifyReply,
  call: Omit<Request, "bytes">,
): Promise<Ack> {
  const { ack, quotaState } = await dispatcher.dispatch({ ...call, bytes: 0 });
  if (quotaState !== null) addRateLimitHeaders(reply, quotaState);
  return ack;
}

/** The handler of a route whose requests are one call each. */
export function restCall(
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
  readInput: InputReader,
  status: number,
) {
  return async (request: RestRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { headers } = request;
    const ifNoneMatch = headers["if-none-match"] ?? null;
    const ack = await dispatchOnce(dispatcher, reply, {
      operation,
      input: readInput(request),
      from: senderOf(request, credentials),
      takesEncoded: true,
      ifNoneMatch,
      traceparent: traceparentOf(headers),
    });
    if (!ack.ok) return sendProblem(reply, ack.error);
    if (ack.data instanceof EncodedResult) return sendEncoded(reply, status, ack.data, ifNoneMatch);
    return reply.code(status).send(ack.data);
  };
}
