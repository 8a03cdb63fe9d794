import { channelContracts } from "@grandstand/shared/channel-contracts";
import { contract, operationNames } from "@grandstand/shared/contract";
import { channelEvents } from "@grandstand/shared/events/channel";
import type { Operation } from "@grandstand/shared/operation";
import type { z } from "zod";
import { type JsonSchema, jsonSchema } from "./json-schema.js";

/** Every event that a channel can publish, by name. */
const events: Record<string, z.ZodType> = Object.assign(
  { ...channelEvents },
  ...Object.values(channelContracts).map((channel) => channel.events),
);

/** The plain WebSocket as an AsyncAPI 3 document: its frames, and the events of the channels. */
export function asyncApi(version: string): object {
  const messages: Record<string, object> = {};
  const operations: Record<string, object> = {};
  for (const name of operationNames) {
    const operation: Operation = contract[name];
    messages[name] = message(operation.summary, requestFrame(name, jsonSchema(operation.input, "input")));
    messages[`${name}.reply`] = message(
      `The answer to ${name}`,
      replyFrame(jsonSchema(operation.output, "output")),
    );
    operations[name] = {
      action: "receive",
      channel: socket,
      summary: operation.summary,
      messages: [messageAt(name)],
      reply: { channel: socket, messages: [messageAt(`${name}.reply`)] },
    };
  }
  for (const [event, data] of Object.entries(events)) {
    messages[event] = message(`Publications of ${event}`, pushFrame(event, jsonSchema(data, "output")));
    operations[event] = { action: "send", channel: socket, messages: [messageAt(event)] };
  }
  messages.expiring = message("The credentials are about to end: `auth.refresh` takes others", expiringFrame);
  operations.expiring = { action: "send", channel: socket, messages: [messageAt("expiring")] };
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
    channels: { socket: { address: "/v1/ws", messages } },
    operations,
  };
}

const socket = { $ref: "#/channels/socket" };

function messageAt(name: string): object {
  return { $ref: `#/channels/socket/messages/${name}` };
}

function message(summary: string, payload: JsonSchema): object {
  return { summary, contentType: "application/json", payload };
}

const frameId = { type: ["integer", "string"] };

function requestFrame(name: string, data: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["id", "op", "data"],
    properties: { id: frameId, op: { const: name }, data },
  };
}

function replyFrame(data: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["id", "ok"],
    properties: { id: frameId, ok: { type: "boolean" }, data, error: { type: "object" } },
  };
}

const expiringFrame: JsonSchema = {
  type: "object",
  required: ["expiring"],
  properties: {
    expiring: {
      type: "object",
      required: ["expiresAt"],
      properties: { expiresAt: { type: "string", format: "date-time" } },
    },
  },
};

function pushFrame(event: string, data: JsonSchema): JsonSchema {
  const publication = {
    type: "object",
    required: ["offset", "event", "data"],
    properties: { offset: { type: "integer" }, event: { const: event }, data },
  };
  return {
    type: "object",
    required: ["push"],
    properties: {
      push: {
        type: "object",
        required: ["channel", "epoch", "publications"],
        properties: {
          channel: { type: "string" },
          epoch: { type: "string" },
          publications: { type: "array", items: publication },
        },
      },
    },
  };
}
