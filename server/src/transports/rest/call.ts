import type { OperationName } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import type { FastifyReply, RouteOptions } from "fastify";
import type { Dispatcher, Request } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { sendProblem } from "../http/problem.js";
import { showQuotaState } from "../http/rate-limit-headers.js";
import type { InputReader, RestRequest } from "./input.js";

/** The route of an operation, and the limit of its body. */
export type RestRoute = Pick<RouteOptions, "method" | "url" | "bodyLimit">;

/** Calls one operation with an input before validation. Never rejects. */
export type Call = (input: unknown) => Promise<Ack>;

/**
 * Returns a function that calls operations as the caller of a request.
 * @throws {GrandstandError} `forbidden` when a page of another origin may have sent the cookie
 */
export function callsOf(
  request: RestRequest,
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
): Call {
  const from = originOf(request, credentials);
  return async (input) => {
    // Fastify has checked the size of the body; a streamed body is split into parts that fit.
    const { ack } = await dispatcher.dispatch({ operation, input, bytes: 0, from });
    return ack;
  };
}

function originOf({ method, headers, address }: RestRequest, credentials: Credentials) {
  const isReading = method === "GET" || method === "HEAD";
  return { token: null, ...credentials.ofRequest(headers, isReading), address };
}

/** Makes the call of a request, and adds the quota state to its response. Never rejects. */
export async function dispatchOnce(
  dispatcher: Dispatcher,
  reply: FastifyReply,
  call: Omit<Request, "bytes">,
): Promise<Ack> {
  const { ack, quotaState } = await dispatcher.dispatch({ ...call, bytes: 0 });
  if (quotaState !== null) showQuotaState(reply, quotaState);
  return ack;
}

/** The handler of a route with one call. */
export function restCall(
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
  readInput: InputReader,
  status: number,
) {
  return async (request: RestRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const ack = await dispatchOnce(dispatcher, reply, {
      operation,
      input: readInput(request),
      from: originOf(request, credentials),
    });
    return ack.ok ? reply.code(status).send(ack.data) : sendProblem(reply, ack.error);
  };
}
