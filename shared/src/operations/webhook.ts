import { z } from "zod";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { choosableEvents } from "../webhook-events.js";

const webhookId = z
  .string()
  .regex(/^(wh_[A-Za-z0-9_-]{16}|settings)$/, "must be the id of a webhook")
  .meta({
    id: "WebhookId",
    description: "The id of a webhook; `settings` for the one of `GRANDSTAND_WEBHOOK_URL`.",
  });

const deliveryId = z
  .string()
  .regex(/^evt_[A-Za-z0-9_-]{1,100}$/, "must be the id of a delivery")
  .meta({ id: "DeliveryId", description: "The id of a delivery, which is its header `webhook-id`." });

const url = z
  .string()
  .max(2_048)
  .refine(isTarget, "must be an http or https URL without user name and password")
  .describe("Where to send the events: an http or https URL.");

const events = z
  .array(z.enum(choosableEvents))
  .min(1)
  .max(choosableEvents.length)
  .describe("The events to send. All of them when not given.");

const ids = z
  .array(z.string().min(1).max(256))
  .min(1)
  .max(limits.webhookPatterns)
  .describe(
    "Patterns of the ids of boards, rooms, counters and users whose events are sent. `*` matches any characters. All when not given.",
  );

const top = z
  .int()
  .min(1)
  .max(100)
  .describe("The number of ranks that `leaderboard.rank_changed` is about. 10 when not given.");

const isEnabled = z
  .boolean()
  .describe("False stops the webhook: new events are not queued, and pending deliveries wait.");

export const webhook = z
  .object({
    id: webhookId,
    url: z.string().describe("Where the events are sent."),
    events: z.array(z.enum(choosableEvents)).describe("The events that are sent."),
    ids: z.array(z.string()).describe("The patterns of the ids whose events are sent."),
    top: z.int().describe("The number of ranks that `leaderboard.rank_changed` is about."),
    enabled: z.boolean().describe("Whether events are queued and sent."),
    createdAt: timestamp.nullable().describe("When it was created; null for the one in the settings."),
  })
  .meta({ id: "Webhook", description: "A receiver of events over HTTP." });

export const webhookDelivery = z
  .object({
    id: deliveryId,
    event: z.string().describe("The name of the event."),
    subject: z.string().describe("The id of the board, room, counter or user that the event is about."),
    state: z
      .enum(["pending", "delivered", "dead"])
      .describe("`pending` deliveries wait for their first or next attempt, `dead` ones were given up."),
    attempts: z.int().describe("How often it was attempted."),
    occurredAt: timestamp.describe("When the event happened."),
    nextAttemptAt: timestamp.nullable().describe("When it is attempted next; null when it is not."),
    finishedAt: timestamp.nullable().describe("When it was delivered or given up; null while it is pending."),
    reason: z.string().nullable().describe("Why the last attempt failed; null when none did."),
  })
  .meta({ id: "WebhookDelivery", description: "One event on its way to one webhook." });

export const webhookOperations = defineOperations({
  "webhook.create": {
    summary: "Create a webhook; the reply has the secret that signs its deliveries",
    rest: { method: "POST", path: "/webhooks", status: 201 },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 5,
    input: z.strictObject({
      url,
      events: events.optional(),
      ids: ids.optional(),
      top: top.default(10),
      enabled: isEnabled.default(true),
    }),
    output: z.object({
      webhook,
      secret: z.string().describe("The secret for `verifyWebhook`. Only replies to this call contain it."),
    }),
    errors: ["conflict"],
  },
  "webhook.list": {
    summary: "List the webhooks",
    rest: { method: "GET", path: "/webhooks" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({}),
    output: z.object({ webhooks: z.array(webhook).describe("The webhooks, oldest first.") }),
    errors: [],
  },
  "webhook.update": {
    summary: "Change a webhook; fields that are not given stay as they are",
    rest: { method: "PATCH", path: "/webhooks/{webhook}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 2,
    input: z.strictObject({
      webhook: webhookId,
      url: url.optional(),
      events: events.optional(),
      ids: ids.optional(),
      top: top.optional(),
      enabled: isEnabled.optional(),
    }),
    output: z.object({ webhook }),
    errors: ["not_found", "conflict"],
  },
  "webhook.delete": {
    summary: "Delete a webhook with its pending deliveries and dead letters",
    rest: { method: "DELETE", path: "/webhooks/{webhook}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 5,
    input: z.strictObject({ webhook: webhookId }),
    output: z.object({ deleted: z.boolean().describe("Always true.") }),
    errors: ["not_found", "conflict"],
  },
  "webhook.test": {
    summary: "Send the event `webhook.test` to a webhook once and report the response",
    rest: { method: "POST", path: "/webhooks/{webhook}/test" },
    callers: "server",
    access: "write",
    // Takes no idempotency key: a repeat is meant to send another event.
    isWrite: false,
    cost: 20,
    input: z.strictObject({ webhook: webhookId }),
    output: z.object({
      delivered: z.boolean().describe("Whether the receiver answered with a status from 200 to 299."),
      status: z.int().nullable().describe("The status of the response; null without one."),
      reason: z.string().nullable().describe("Why it was not delivered; null when it was."),
      durationMs: z.int().describe("How long the attempt took, in milliseconds."),
    }),
    errors: ["not_found"],
  },
  "webhook.deliveries": {
    summary: "List the deliveries of a webhook, newest first",
    rest: { method: "GET", path: "/webhooks/{webhook}/deliveries" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      webhook: webhookId,
      state: z
        .enum(["pending", "delivered", "dead"])
        .default("dead")
        .describe("Which deliveries to list: `dead` for the dead letters."),
      limit: z.int().min(1).max(100).default(50).describe("How many to return."),
      cursor: z
        .string()
        .regex(/^\d{1,9}$/, "must be a nextCursor of an earlier response")
        .optional()
        .describe("A `nextCursor` of an earlier response."),
    }),
    output: z.object({
      deliveries: z.array(webhookDelivery).describe("The deliveries."),
      counts: z
        .object({
          pending: z.int().describe("Deliveries that wait for their first or next attempt."),
          delivered: z.int().describe("Deliveries that the receiver took, of the last day."),
          dead: z.int().describe("Deliveries that were given up, of the last week."),
        })
        .describe("How many deliveries are kept in each state."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last one."),
    }),
    errors: ["not_found"],
  },
  "webhook.replay": {
    summary: "Deliver events again, under the same ids",
    rest: { method: "POST", path: "/webhooks/{webhook}/replay" },
    callers: "server",
    access: "write",
    // Takes no idempotency key: a repeat finds the deliveries pending and does nothing.
    isWrite: false,
    cost: 20,
    input: z.strictObject({
      webhook: webhookId,
      deliveries: z
        .array(deliveryId)
        .min(1)
        .max(100)
        .optional()
        .describe("The deliveries: delivered ones or dead letters. Up to 100 dead letters when not given."),
    }),
    output: z.object({
      replayed: z.int().describe("How many deliveries are pending again."),
      unknown: z.array(z.string()).describe("The ids that are no delivery, or are pending already."),
    }),
    errors: ["not_found"],
  },
});

export type Webhook = z.infer<typeof webhook>;
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

function isTarget(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}
