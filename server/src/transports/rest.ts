import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import { payloadTooLarge } from "../dispatch/input.js";
import { tokenOf } from "./credentials.js";
import { sendProblem, unreadable } from "./problem.js";
import { queryReader } from "./query.js";

type RestRequest = FastifyRequest<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>;

/** REST: one route under `/v1` for every operation of the contract that has one. */
export function rest(app: FastifyInstance, dispatcher: Dispatcher): void {
  // Fastify's own parser would refuse what sockets take: a body that is empty, or that has a `__proto__`.
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, body === "" ? undefined : JSON.parse(body as string));
    } catch (error) {
      done(unreadableBody("json", "must be JSON", error));
    }
  });

  for (const name of operationNames) {
    const operation: Operation = contract[name];
    if (operation.rest === null) continue;
    const { method, path, status = 200 } = operation.rest;
    const readInput = inputReader(operation);
    app.route({
      method,
      url: `/v1${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      bodyLimit: operation.bodyLimitBytes ?? limits.bodyBytes,
      handler: (request: RestRequest, reply) => answer(name, readInput, status, request, reply),
    });
  }

  async function answer(
    operation: OperationName,
    readInput: (request: RestRequest) => unknown,
    status: number,
    request: RestRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { ack } = await dispatcher.dispatch({
      operation,
      input: readInput(request),
      // Fastify has counted the body already.
      bytes: 0,
      from: { token: tokenOf(request.headers) },
    });
    return ack.ok ? reply.code(status).send(ack.data) : sendProblem(reply, ack.error);
  }
}

/** Puts path, query or body, and the idempotency key of the header together to the operation's input. */
function inputReader(operation: Operation): (request: RestRequest) => unknown {
  const method = operation.rest?.method;
  const takesQuery = method === "GET" || method === "DELETE";
  const readQuery = queryReader(operation.input);
  return ({ params, query, body, headers }) => {
    const key = operation.isWrite ? headers["idempotency-key"] : undefined;
    const fields = takesQuery ? readQuery(query) : bodyFields(body);
    const stated = { ...readQuery(params), ...(key !== undefined && { idempotencyKey: key }) };
    refuseContradiction(fields, stated);
    return { ...fields, ...stated };
  };
}

/** @throws {GrandstandError} `bad_request` when the body is no object. */
function bodyFields(body: unknown): object {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw unreadableBody("type", "must be a JSON object");
}

/** @throws {GrandstandError} `bad_request` when query or body say otherwise than path or header. */
function refuseContradiction(fields: object, stated: object): void {
  for (const [field, value] of Object.entries(stated)) {
    if (!Object.hasOwn(fields, field) || (fields as Record<string, unknown>)[field] === value) continue;
    const message = "must be what the path or the header says";
    throw new GrandstandError("bad_request", `${field} ${message}`, {
      issues: [{ path: field, rule: "contradiction", message }],
    });
  }
}

function unreadableBody(rule: string, message: string, cause?: unknown): GrandstandError {
  return new GrandstandError("bad_request", `The body ${message}`, {
    issues: [{ path: "", rule, message }],
    cause,
  });
}

/** Makes every failure outside of dispatch a problem document too: routes, bodies, credentials. */
export function restFailures(app: FastifyInstance, dispatcher: Dispatcher): void {
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { code: "not_found", message: "There is nothing at this address" }),
  );
  app.setErrorHandler((error, request, reply) => {
    const operation = request.routeOptions.url ?? request.url;
    const shown = ofFastify(error, request.routeOptions.bodyLimit) ?? error;
    return sendProblem(reply, dispatcher.wireError(shown, operation));
  });
}

/** What Fastify itself refuses, in our words; null for any other error. */
function ofFastify(error: unknown, bodyLimit: number): GrandstandError | null {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return payloadTooLarge(bodyLimit);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new GrandstandError(
      "bad_request",
      "The body must be JSON, sent as Content-Type: application/json",
    );
  }
  if (typeof code !== "string" || !code.startsWith("FST_") || typeof statusCode !== "number") return null;
  return statusCode < 500 ? GrandstandError.fromWire(unreadable) : null;
}
