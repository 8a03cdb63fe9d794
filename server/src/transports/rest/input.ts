import { Readable } from "node:stream";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Operation } from "@grandstand/shared/operation";
import type { FastifyRequest } from "fastify";
import { queryReader } from "./query.js";

export type RestRequest = FastifyRequest<{
  Params: Record<string, string>;
  Querystring: Record<string, unknown>;
}>;

/** The input of an operation from a request, before validation. */
export type InputReader = (request: RestRequest) => Record<string, unknown>;

/** Combines the path, the query or body, and the idempotency key in the header. */
export function inputReader(operation: Operation): InputReader {
  const method = operation.rest?.method;
  const takesQuery = method === "GET" || method === "DELETE";
  const readQuery = queryReader(operation.input);
  return (request) => {
    const { query, body } = request;
    return together(takesQuery ? readQuery(query) : bodyFields(body), namedBy(operation, request, readQuery));
  };
}

/** The same for an upload, without `content` unless its body is JSON. */
export function uploadInputReader(operation: Operation): InputReader {
  const readQuery = queryReader(operation.input);
  return (request) => {
    const { query, body } = request;
    const stated = together(readQuery(query), namedBy(operation, request, readQuery));
    return body instanceof Readable ? together(stated, { content: "" }) : together(bodyFields(body), stated);
  };
}

function namedBy(
  { isWrite }: Operation,
  { params, headers }: RestRequest,
  readTexts: ReturnType<typeof queryReader>,
): Record<string, unknown> {
  const key = isWrite ? headers["idempotency-key"] : undefined;
  return { ...readTexts(params), ...(key !== undefined && { idempotencyKey: key }) };
}

/** @throws {GrandstandError} `bad_request` when `fields` contradicts `stated` */
function together(fields: object, stated: Record<string, unknown>): Record<string, unknown> {
  for (const [field, value] of Object.entries(stated)) {
    if (!Object.hasOwn(fields, field) || (fields as Record<string, unknown>)[field] === value) continue;
    const message = "must match the rest of the request";
    throw new GrandstandError("bad_request", `${field} ${message}`, {
      issues: [{ path: field, rule: "contradiction", message }],
    });
  }
  return { ...fields, ...stated };
}

/** @throws {GrandstandError} `bad_request` when the body is not an object */
function bodyFields(body: unknown): object {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw unreadableBody("type", "must be a JSON object");
}

export function unreadableBody(rule: string, message: string, cause?: unknown): GrandstandError {
  return new GrandstandError("bad_request", `The body ${message}`, {
    issues: [{ path: "", rule, message }],
    cause,
  });
}
