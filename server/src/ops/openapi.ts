import { contract, operationNames, type RestOperationName } from "@grandstand/shared/contract";
import { errorTable } from "@grandstand/shared/error-table";
import { errorTitles } from "@grandstand/shared/error-titles";
import type { ErrorCode } from "@grandstand/shared/errors";
import { idempotencyKey } from "@grandstand/shared/ids";
import { limits } from "@grandstand/shared/limits";
import { type Operation, readsQuery } from "@grandstand/shared/operation";
import { mediaTypes, uploadTypes } from "../transports/http/media-types.js";
import { accessText, isForModerators } from "./access-text.js";
import { examples } from "./examples.js";
import { Components, type JsonSchema, without } from "./json-schema.js";
import { shareParameters } from "./shared-parameters.js";

type Rest = NonNullable<Operation["rest"]>;

/** The errors that any call can have in addition to its own. */
const commonErrors = ["bad_request", "unauthenticated", "rate_limited", "unavailable", "internal"] as const;

type DomainOf<Name> = Name extends `${infer Domain}.${string}` ? Domain : never;

/** A description of each domain. `channel` has no REST operations: it is the tag of the event streams. */
const tags: Record<DomainOf<RestOperationName> | "channel", string> = {
  session: "Sessions of users and guests.",
  key: "API keys.",
  webhook: "Webhooks, their deliveries and dead letters.",
  user: "Everything about one user.",
  leaderboard: "Boards, entries and seasons.",
  counter: "Totals, distinct visitors and series.",
  chat: "Rooms, messages, members and moderation.",
  presence: "Who is in a room.",
  cache: "Values that are loaded once and kept until they expire or their tags are invalidated.",
  lock: "Locks with a TTL and fencing numbers.",
  limit: "Rate limits for the actions of your own app.",
  job: "Queues of work for the servers of your app.",
  channel: "Live channels.",
  admin: "The nodes, Redis, jobs, rooms, users and audit log, for operators.",
};

/** The REST operations of the contract as an OpenAPI 3.1 document. */
export function openApi(version: string): object {
  const components = new Components();
  const paths: Record<string, Record<string, object>> = {};
  for (const name of operationNames) {
    const operation: Operation = contract[name];
    if (operation.rest === null) continue;
    const path = `/v1${operation.rest.path}`;
    paths[path] = {
      ...paths[path],
      [operation.rest.method.toLowerCase()]: endpoint(components, name, operation, operation.rest),
    };
  }
  paths["/v1/channels/{channel}/events"] = { get: eventsEndpoint() };
  paths["/v1/events"] = { get: manyEventsEndpoint() };
  components.add("Problem", problemSchema());
  const sharedParameters = shareParameters(Object.values(paths).flatMap((methods) => Object.values(methods)));
  return {
    openapi: "3.1.0",
    info: {
      title: "Grandstand",
      version,
      description: "Leaderboards, presence, chat and counters in real time, on your own Redis.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [
      { url: "/", description: "The node that serves this document." },
      { url: "http://127.0.0.1:8080", description: "A node on this machine with the default settings." },
    ],
    security: securityOf("authenticated"),
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes,
      parameters: {
        IdempotencyKey: {
          name: "Idempotency-Key",
          in: "header",
          description:
            "A repeat with the same key within five minutes has no second effect and gets the first response.",
          schema: components.schema(idempotencyKey, "input"),
        },
        ...sharedParameters,
        IfNoneMatch: {
          name: "If-None-Match",
          in: "header",
          description:
            "The `ETag` of an earlier response. If the response would be the same, it is 304 without a body.",
          schema: { type: "string" },
        },
      },
      responses: problemResponses(),
      schemas: components.toJSON(),
    },
  };
}

function endpoint(components: Components, name: string, operation: Operation, rest: Rest): object {
  const input = components.schema(operation.input, "input");
  const example = examples[name as keyof typeof examples] as JsonSchema;
  const pathFields = new Set([...rest.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!));
  const remaining = without(input, pathFields);
  const inQuery = queryOf(rest, remaining);
  const access = accessText(name, operation);
  const callers = isForModerators(operation) ? "authenticated" : operation.callers;
  const parameters = [
    ...[...pathFields].map((field) => parameter(components, input, field, "path", example)),
    ...fieldsOf(inQuery).map((field) => parameter(components, input, field, "query", example)),
    ...(operation.isWrite ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
    ...(rest.hasEtag ? [{ $ref: "#/components/parameters/IfNoneMatch" }] : []),
  ];
  const hasBody = !readsQuery(rest);
  return {
    operationId: name,
    tags: [name.slice(0, name.indexOf("."))],
    summary: operation.summary,
    ...(access !== null && { description: access }),
    ...(callers !== "authenticated" && { security: securityOf(callers) }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && {
      requestBody: {
        required: true,
        content: bodyOf(components, titleOf(name), rest, remaining, leaveOut(example, pathFields)),
      },
    }),
    responses: {
      [rest.status ?? 200]: {
        description: "Success",
        ...(rest.hasEtag && { headers: { ETag: etag } }),
        content: responseOf(components, titleOf(name), rest, operation.output),
      },
      ...(rest.hasEtag && {
        304: {
          description: "The response with the tag of `If-None-Match` has not changed.",
          headers: { ETag: etag },
        },
      }),
      ...problems([...operation.errors, ...(hasBody ? (["payload_too_large"] as const) : [])]),
      405: { $ref: "#/components/responses/method_not_allowed" },
      ...(hasBody && { 415: { $ref: "#/components/responses/unsupported_encoding" } }),
    },
  };
}

/** The input fields that a request has in its query string. */
function queryOf(rest: Rest, fields: JsonSchema): JsonSchema {
  if (rest.stream === "upload") return without(fields, new Set(["content"]));
  return readsQuery(rest) ? fields : {};
}

function bodyOf(
  components: Components,
  title: string,
  { stream }: Rest,
  fields: JsonSchema,
  example: JsonSchema,
): object {
  const body = { "application/json": { schema: components.add(`${title}Request`, fields), example } };
  return stream === "upload" ? { ...lines(uploadTypes), ...body } : body;
}

function responseOf(
  components: Components,
  title: string,
  { stream }: Rest,
  output: Operation["output"],
): object {
  if (stream === "download") return lines(Object.values(mediaTypes));
  const schema = components.schema(output, "output");
  const named = schema.$ref === undefined ? components.add(`${title}Response`, schema) : schema;
  return { "application/json": { schema: named } };
}

function lines(types: string[]): object {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string" } }]));
}

/** Converts `leaderboard.submitMany` to `LeaderboardSubmitMany`. */
function titleOf(name: string): string {
  return name.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function leaveOut(example: JsonSchema, fields: ReadonlySet<string>): JsonSchema {
  return Object.fromEntries(Object.entries(example).filter(([field]) => !fields.has(field)));
}

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "The secret of an API key, a JWT, or the token of a session.",
  },
  header: {
    type: "apiKey",
    in: "header",
    name: "X-Api-Key",
    description: "The same tokens, in a header of their own.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "grandstand",
    description: "The session of a browser. In production the cookie is named `__Host-grandstand`.",
  },
};

/** A cookie is the credential of a user. Operations that only servers may call do not accept it. */
function securityOf(callers: Operation["callers"]): object[] {
  const tokens = [{ bearer: [] }, { header: [] }];
  if (callers === "server") return tokens;
  return callers === "anyone" ? [{}, ...tokens] : [...tokens, { cookie: [] }];
}

function eventsEndpoint(): object {
  return {
    operationId: "channel.events",
    tags: ["channel"],
    summary: "Follow a channel as server-sent events: `subscribed` with its state, then each publication",
    description: "The view of the channel's kind goes in the query, such as `?top=25&me=true`.",
    parameters: [
      {
        name: "channel",
        in: "path",
        required: true,
        description: "The name of the channel: `<kind>:<id>`.",
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
    responses: streamResponses(),
  };
}

function manyEventsEndpoint(): object {
  return {
    operationId: "channels.events",
    tags: ["channel"],
    summary: "Follow several channels as one stream of server-sent events, each of which names its channel",
    parameters: [
      {
        name: "channel",
        in: "query",
        required: true,
        description: "The names of the channels.",
        schema: { type: "array", items: { type: "string" }, minItems: 1, maxItems: limits.channelsPerStream },
        explode: true,
        example: ["leaderboard:arcade", "chat:lobby"],
      },
      {
        name: "Last-Event-ID",
        in: "header",
        schema: { type: "string" },
        description: "Resume all channels after the last event that was received.",
      },
    ],
    responses: streamResponses(),
  };
}

function streamResponses(): object {
  return {
    200: {
      description: "The stream.",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
    ...problems(contract["channel.subscribe"].errors),
    405: { $ref: "#/components/responses/method_not_allowed" },
  };
}

function problems(own: readonly ErrorCode[]): Record<string, object> {
  return Object.fromEntries(
    [...commonErrors, ...own].map((code) => [
      errorTable[code].status,
      { $ref: `#/components/responses/${code}` },
    ]),
  );
}

function problemResponses(): Record<string, object> {
  const codes = Object.keys(errorTable) as ErrorCode[];
  const byCode = codes.map((code) => {
    const headers = errorTable[code].retry ? { "Retry-After": retryAfter } : undefined;
    return [code, problemResponse(`\`${code}\`: ${errorTitles[code]}`, headers)] as const;
  });
  return {
    ...Object.fromEntries(byCode),
    method_not_allowed: problemResponse("`not_found`: The address supports other methods only", {
      Allow: { description: "The methods that it supports.", schema: { type: "string" } },
    }),
    unsupported_encoding: problemResponse("`bad_request`: The body has a Content-Encoding", {
      "Accept-Encoding": { description: "Always `identity`.", schema: { type: "string" } },
    }),
  };
}

function problemResponse(description: string, headers: object | undefined): object {
  return {
    description,
    ...(headers && { headers }),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

const etag = {
  description: "Identifies this response. It changes with anything that the response shows.",
  schema: { type: "string" },
};

const retryAfter = { description: "Seconds after which a retry can succeed.", schema: { type: "integer" } };

function problemSchema(): JsonSchema {
  return {
    type: "object",
    description: "A problem document (RFC 9457).",
    required: ["type", "title", "status", "detail", "code"],
    properties: {
      type: { type: "string", description: "Always `about:blank`." },
      title: { type: "string", description: "The kind of error, for people." },
      status: { type: "integer", description: "The HTTP status." },
      detail: { type: "string", description: "What was wrong, for people. The text may change." },
      code: { type: "string", enum: Object.keys(errorTable), description: "The error code." },
      issues: {
        type: "array",
        description: "The rules that the input broke, at most 20.",
        items: {
          type: "object",
          required: ["path", "rule", "message"],
          properties: {
            path: { type: "string", description: "The field as a dotted path; empty for the whole input." },
            rule: { type: "string", description: "The name of the rule." },
            message: { type: "string", description: "What the rule says, for people." },
          },
        },
      },
      retryAfterMs: { type: "integer", description: "Milliseconds after which a retry can succeed." },
    },
  };
}

function parameter(
  components: Components,
  input: JsonSchema,
  name: string,
  place: "path" | "query",
  example: JsonSchema,
): object {
  const { properties, required = [] } = input as {
    properties: Record<string, JsonSchema>;
    required?: string[];
  };
  const { description, ...schema } = properties[name]!;
  return {
    name,
    in: place,
    required: place === "path" || required.includes(name),
    description: description ?? components.descriptionOf(schema),
    // An object in a query is written as JSON.
    ...(components.isObject(schema) ? { content: { "application/json": { schema } } } : { schema }),
    ...(example[name] !== undefined && { example: example[name] }),
  };
}

function fieldsOf(schema: JsonSchema): string[] {
  return Object.keys((schema.properties as object | undefined) ?? {});
}
