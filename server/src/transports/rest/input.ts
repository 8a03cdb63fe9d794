import { Readable } from "node:stream";
import { GrandstandError } from "@grandstand/shared/errors";
import { type Operation, readsQuery } from "@grandstand/shared/operation";
import type { FastifyRequest } from "fastify";
import { queryReader } from "./query.js";

export type RestRequest = FastifyRequest<{
  Params: Record<string, string>;
  Querystring: Record<string, unknown>;
}>;

/** Reads the input of an operation from a request. The input is not validated yet. */
export type InputReader = (request: RestRequest) => Record<string, unknown>;

/**
 * Makes a reader that combines the path, the header `Idempotency-Key`, and either the query or the body. The reader
 * throws `bad_request` when a required body is missing or is no object, or when parts contradict each other.
 */
export function inputReader(operation: Operation): InputReader {
  const isInQuery = operation.rest !== null && readsQuery(operation.rest);
  const needsBody = isBodyRequired(operation);
  const readQuery = queryReader(operation.input);
  return (request) => {
    const { query, body } = request;
    if (needsBody && body === undefined)
      throw unreadableBody("required", "is required; send {} for the defaults");
    const stated = pathAndKey(operation, request, readQuery);
    return combine(isInQuery ? readQuery(query) : bodyFields(body), stated);
  };
}

/**
 * Whether a request must have a body. Without this rule, a call whose body was lost on the way would run with the defaults.
 * GET and DELETE have no body, and a PUT or PATCH whose path contains the whole input needs none.
 */
function isBodyRequired({ rest, input }: Operation): boolean {
  if (rest === null || readsQuery(rest)) return false;
  if (rest.method === "POST") return true;
  return Object.keys(input.shape).some((field) => !rest.path.includes(`{${field}}`));
}

/**
 * Like `inputReader`, for an upload. A JSON body contains the field `content`. Any other body is a stream, which
 * is read later; until then, `content` is empty.
 */
export function uploadInputReader(operation: Operation): InputReader {
  const readQuery = queryReader(operation.input);
  return (request) => {
    const { query, body } = request;
    const stated = combine(readQuery(query), pathAndKey(operation, request, readQuery));
    return body instanceof Readable ? combine(stated, { content: "" }) : combine(bodyFields(body), stated);
  };
}

/** The fields in the path, and the idempotency key of the header. */
function pathAndKey(
  { isWrite }: Operation,
  { params, headers }: RestRequest,
  readTexts: ReturnType<typeof queryReader>,
): Record<string, unknown> {
  const key = isWrite ? headers["idempotency-key"] : undefined;
  return { ...readTexts(params), ...(key !== undefined && { idempotencyKey: key }) };
}

/** Merges two objects. @throws {GrandstandError} `bad_request` when a field has different values in them */
function combine(fields: object, stated: Record<string, unknown>): Record<string, unknown> {
  for (const [field, value] of Object.entries(stated)) {
    if (!Object.hasOwn(fields, field) || (fields as Record<string, unknown>)[field] === value) continue;
    const message = "must have the same value in all parts of the request";
    throw new GrandstandError("bad_request", `${field} ${message}`, {
      issues: [{ path: field, rule: "contradiction", message }],
    });
  }
  return { ...fields, ...stated };
}

/** @throws {GrandstandError} `bad_request` when the body is not an object. */
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
