import { channelContracts } from "@grandstand/shared/channel-contracts";
import { contract, isOperationName, operationNames } from "@grandstand/shared/contract";
import { channelEvents } from "@grandstand/shared/events/channel";
import { idempotencyKey } from "@grandstand/shared/ids";
import type { Operation } from "@grandstand/shared/operation";
import { wireError } from "@grandstand/shared/wire-error";
import type { z } from "zod";
import { accessText } from "./access-text.js";
import { examples } from "./examples.js";
import { Components, type JsonSchema, referenceTo } from "./json-schema.js";

/** Every event that a channel can publish, by name. */
const events: Record<string, z.ZodType> = Object.assign(
  { ...channelEvents },
  ...Object.values(channelContracts).map((channel) => channel.events),
);

/** The plain WebSocket as an AsyncAPI 3 document: its frames, and the events of the channels. */
export function asyncApi(version: string): object {
  const components = new Components();
  components.schema(wireError, "output");
  for (const [name, frame] of Object.entries(frames)) components.add(name, frame);
  const errorMessage = message("The reply to a call that failed.", referenceTo("ErrorFrame"));
  const messages: Record<string, object> = { error: errorMessage };
  const operations: Record<string, object> = {};
  for (const name of operationNames) {
    const operation: Operation = contract[name];
    const access = accessText(name, operation);
    const input = components.schema(operation.input, "input");
    const request = requestFrame(name, operation.isWrite ? withIdempotencyKey(components, input) : input);
    messages[name] = {
      ...message(`Request: ${operation.summary}`, request),
      examples: [{ payload: { id: 1, op: name, data: examples[name] } }],
    };
    messages[`${name}.reply`] = message(
      `Reply to \`${name}\`.`,
      replyFrame(components.schema(operation.output, "output")),
    );
    operations[name] = {
      action: "receive",
      channel: socket,
      summary: operation.summary,
      ...(access !== null && { description: access }),
      messages: [messageAt(name)],
      reply: { channel: socket, messages: [messageAt(`${name}.reply`), messageAt("error")] },
    };
  }
  for (const [event, schema] of Object.entries(events)) {
    const key = keyOf(event);
    messages[key] = message(
      `Publications of \`${event}\`.`,
      pushFrame(event, components.schema(schema, "output")),
    );
    operations[key] = { action: "send", channel: socket, messages: [messageAt(key)] };
  }
  messages.expiring = message("The credentials expire soon: send `auth.refresh`.", expiringFrame);
  operations.expiring = { action: "send", channel: socket, messages: [messageAt("expiring")] };
  components.replace("ChannelView", {
    description: "The view of the channel's kind.",
    anyOf: Object.values(channelContracts).map(({ view }) => components.schema(view, "input")),
  });
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Grandstand",
      version,
      description:
        'The plain WebSocket. The first frame is `{id, op: "connect", data: {token}}`. Socket.IO carries the ' +
        "same operations as events with an acknowledgement, and the same pushes as the event `push`.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      local: {
        host: "127.0.0.1:8080",
        protocol: "ws",
        description: "A node on this machine with the default settings.",
        security: [{ $ref: "#/components/securitySchemes/bearer" }],
      },
    },
    channels: {
      socket: { address: "/v1/ws", description: "One connection of one caller.", messages },
    },
    operations,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A token in the header of the upgrade. Without it the first frame carries the token.",
        },
      },
      schemas: components.toJSON(),
    },
  };
}

/**
 * The key of an event's message in the document. An event
 * with the name of an operation gets a key of its own.
 */
function keyOf(event: string): string {
  return isOperationName(event) ? `${event}.event` : event;
}

const socket = { $ref: "#/channels/socket" };

function messageAt(name: string): object {
  return { $ref: `#/channels/socket/messages/${name}` };
}

function message(summary: string, payload: JsonSchema): object {
  return { summary, payload };
}

function requestFrame(name: string, data: JsonSchema): JsonSchema {
  const needsData = Array.isArray(data.required) && data.required.length > 0;
  return {
    allOf: [referenceTo("RequestFrame")],
    properties: { op: { const: name }, data },
    ...(needsData && { required: ["data"] }),
  };
}

function withIdempotencyKey(components: Components, input: JsonSchema): JsonSchema {
  components.add("IdempotencyKey", {
    ...components.schema(idempotencyKey, "input"),
    description:
      "A repeat with the same key within five minutes has no second effect and gets the first response.",
  });
  const properties = input.properties as JsonSchema;
  return { ...input, properties: { ...properties, idempotencyKey: referenceTo("IdempotencyKey") } };
}

function replyFrame(data: JsonSchema): JsonSchema {
  return { allOf: [referenceTo("ReplyFrame")], properties: { data } };
}

function pushFrame(event: string, data: JsonSchema): JsonSchema {
  const items = { properties: { event: { const: event }, data } };
  return {
    allOf: [referenceTo("PushFrame")],
    properties: { push: { properties: { publications: { items } } } },
  };
}

const frameId = { type: ["integer", "string"], description: "Chosen by the client. The reply repeats it." };

/** What the frames of each kind have in common. */
const frames: Record<string, JsonSchema> = {
  RequestFrame: {
    type: "object",
    description: "A call.",
    required: ["id", "op"],
    properties: {
      id: frameId,
      op: { type: "string", description: "The operation." },
      data: {
        type: "object",
        description: "The input of the operation. A missing one counts as an empty object.",
      },
      traceparent: {
        type: "string",
        description: "The caller's span, in the format of W3C's Trace Context.",
      },
    },
  },
  ReplyFrame: {
    type: "object",
    description: "The reply to a call that succeeded.",
    required: ["id", "ok", "data"],
    properties: {
      id: frameId,
      ok: { const: true, description: "The call succeeded." },
      data: { description: "The output of the operation." },
    },
  },
  ErrorFrame: {
    type: "object",
    description: "The reply to a call that failed, or to a frame that can't be read.",
    required: ["id", "ok", "error"],
    properties: {
      id: { type: ["integer", "string", "null"], description: "Null for an unreadable frame." },
      ok: { const: false, description: "The call failed." },
      error: referenceTo("WireError"),
    },
  },
  PushFrame: {
    type: "object",
    description: "Publications of one channel.",
    required: ["push"],
    properties: {
      push: {
        type: "object",
        description: "Publications of one channel.",
        required: ["channel", "epoch", "publications"],
        properties: {
          channel: { type: "string", description: "The name of the channel." },
          epoch: { type: "string", description: "One lifetime of the channel's data." },
          publications: {
            type: "array",
            description: "The publications, in order: their offsets never decrease.",
            items: {
              type: "object",
              required: ["offset", "event", "data"],
              properties: {
                offset: { type: "integer", description: "The number of the publication within the epoch." },
                event: { type: "string", description: "The name of the event." },
                data: { description: "The data of the event." },
              },
            },
          },
        },
      },
    },
  },
};

const expiringFrame: JsonSchema = {
  type: "object",
  required: ["expiring"],
  properties: {
    expiring: {
      type: "object",
      description: "The credentials of the connection.",
      required: ["expiresAt"],
      properties: {
        expiresAt: { type: "string", format: "date-time", description: "When they expire." },
      },
    },
  },
};
