import { contract, operationNames } from "@grandstand/shared/contract";
import { type ErrorCode, errorTable } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { Operation } from "@grandstand/shared/operation";
import { mediaTypes, uploadTypes } from "../transports/http/media-types.js";
import { accessText } from "./access-text.js";
import { type JsonSchema, jsonSchema, without } from "./json-schema.js";

type Rest = NonNullable<Operation["rest"]>;

/** What any call may meet beside its own errors. */
const commonErrors = ["bad_request", "unauthenticated", "rate_limited", "unavailable", "internal"] as const;

/** The REST face of the contract as an OpenAPI 3.1 document. */
export function openApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of operationNames) {
    const operation: Operation = contract[name];
    if (operation.rest === null) continue;
    const path = `/v1${operation.rest.path}`;
    paths[path] = {
      ...paths[path],
      [operation.rest.method.toLowerCase()]: endpoint(name, operation, operation.rest),
    };
  }
  paths["/v1/channels/{channel}/events"] = { get: eventsEndpoint() };
  return {
    openapi: "3.1.0",
    info: {
      title: "Grandstand",
      version,
      description: "Leaderboards, presence, chat and counters in real time, on your own Redis.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "X-Api-Key" },
      },
      schemas: { Problem: problemSchema() },
    },
  };
}

function endpoint(name: string, operation: Operation, rest: Rest): object {
  const input = jsonSchema(operation.input, "input");
  const pathFields = new Set([...rest.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!));
  const remaining = without(input, pathFields);
  const inQuery = queryOf(rest, remaining);
  const access = accessText(name, operation);
  return {
    operationId: name,
    tags: [name.slice(0, name.indexOf("."))],
    summary: operation.summary,
    ...(access !== null && { description: access }),
    ...(operation.callers === "anyone" && { security: [{}] }),
    parameters: [
      ...[...pathFields].map((field) => parameter(input, field, "path")),
      ...fieldsOf(inQuery).map((field) => parameter(input, field, "query")),
      ...(operation.isWrite ? [idempotencyHeader] : []),
    ],
    ...(!takesQuery(rest) && { requestBody: { required: true, content: bodyOf(rest, remaining) } }),
    responses: {
      [rest.status ?? 200]: { description: "Done", content: answerOf(rest, operation.output) },
      ...problemResponses(operation.errors),
    },
  };
}

function takesQuery({ method }: Rest): boolean {
  return method === "GET" || method === "DELETE";
}

/** The fields that come in the query. */
function queryOf(rest: Rest, fields: JsonSchema): JsonSchema {
  if (rest.stream === "upload") return without(fields, new Set(["content"]));
  return takesQuery(rest) ? fields : {};
}

function bodyOf({ stream }: Rest, fields: JsonSchema): object {
  return stream === "upload" ? { ...lines(uploadTypes), ...json(fields) } : json(fields);
}

function answerOf({ stream }: Rest, output: Operation["output"]): object {
  return stream === "download" ? lines(Object.values(mediaTypes)) : json(jsonSchema(output, "output"));
}

function lines(types: string[]): object {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string" } }]));
}

const idempotencyHeader = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "A repeat with the same key within five minutes has no second effect and gets the first answer.",
  schema: { type: "string", minLength: 1, maxLength: limits.idempotencyKeyLength },
};

function eventsEndpoint(): object {
  return {
    operationId: "channel.events",
    tags: ["channel"],
    summary: "Follow a channel as server-sent events: `subscribed` with its state, then each publication",
    parameters: [
      {
        name: "channel",
        in: "path",
        required: true,
        schema: { type: "string" },
        example: "leaderboard:arcade",
      },
      {
        name: "Last-Event-ID",
        in: "header",
        schema: { type: "string" },
        description: "Resume after `<epoch>:<offset>`, in a chat room `<epoch>:<offset>:<item id>`.",
      },
    ],
    responses: {
      200: { description: "The stream", content: { "text/event-stream": { schema: { type: "string" } } } },
      ...problemResponses(contract["channel.subscribe"].errors),
    },
  };
}

function problemResponses(own: readonly ErrorCode[]): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const code of [...commonErrors, ...own]) {
    const { status, title } = errorTable[code];
    responses[status] = {
      description: `\`${code}\`: ${title}`,
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    };
  }
  return responses;
}

function problemSchema(): JsonSchema {
  return {
    type: "object",
    description: "RFC 9457",
    required: ["type", "title", "status", "detail", "code"],
    properties: {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      code: { enum: Object.keys(errorTable) },
      issues: {
        type: "array",
        items: {
          type: "object",
          required: ["path", "rule", "message"],
          properties: { path: { type: "string" }, rule: { type: "string" }, message: { type: "string" } },
        },
      },
      retryAfterMs: { type: "integer" },
    },
  };
}

function parameter(input: JsonSchema, name: string, place: "path" | "query"): object {
  const { properties = {}, required = [] } = input as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return { name, in: place, required: place === "path" || required.includes(name), schema: properties[name] };
}

function fieldsOf(schema: JsonSchema): string[] {
  return Object.keys((schema.properties as object | undefined) ?? {});
}

function json(schema: JsonSchema): object {
  return { "application/json": { schema } };
}
