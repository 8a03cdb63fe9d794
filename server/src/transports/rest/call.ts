import type { OperationName } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import type { FastifyReply, RouteOptions } from "fastify";
import type { Dispatcher, Request } from "../../dispatch/dispatcher.js";
import type { Credentials } from "../http/credentials.js";
import { sendProblem } from "../http/problem.js";
import { showQuotaState } from "../http/rate-limit-headers.js";
import type { InputReader, RestRequest } from "./input.js";

/** The address of an operation, and how much its body may hold. */
export type RestRoute = Pick<RouteOptions, "method" | "url" | "bodyLimit">;

/** Calls one operation with an input that is not checked. Never rejects. */
export type Call = (input: unknown) => Promise<Ack>;

/**
 * Calls in the name of whoever sent a request.
 * @throws {GrandstandError} `forbidden` when that can't be told from a cookie.
 */
export function callsOf(
  request: RestRequest,
  dispatcher: Dispatcher,
  operation: OperationName,
  credentials: Credentials,
): Call {
  const from = originOf(request, credentials);
  return async (input) => {
    // Fastify has counted the body already; a streamed one is taken in parts that fit.
    const { ack } = await dispatcher.dispatch({ operation, input, bytes: 0, from });
    return ack;
  };
}

function originOf({ method, headers, address }: RestRequest, credentials: Credentials) {
  const isReading = method === "GET" || method === "HEAD";
  return { token: null, ...credentials.tokenOf(headers, isReading), address };
}

/** Makes the one call of a request, and shows in its answer what is left of the quota. Never rejects. */
export async function dispatchOnce(
  dispatcher: Dispatcher,
  reply: FastifyReply,
  call: Omit<Request, "bytes">,
): Promise<Ack> {
  const { ack, quotaState } = await dispatcher.dispatch({ ...call, bytes: 0 });
  if (quotaState !== null) showQuotaState(reply, quotaState);
  return ack;
}

/** Makes a request one call. */
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
