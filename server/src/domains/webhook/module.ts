import { randomBytes, randomUUID } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { DomainHandlers } from "../../core/handler.js";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import type { Deliveries } from "./deliveries.js";
import { type Endpoint, SETTINGS_ID, storedEndpointOf, webhookOf } from "./endpoint.js";
import type { OutboxMover } from "./outbox-mover.js";
import type { WebhookRegistry } from "./registry.js";
import { createScript, deleteScript, updateScript } from "./scripts.js";
import type { WebhookSender } from "./sender.js";

/** `webhook.test` sends one request to the webhook, with this timeout. The call itself has a longer timeout. */
const TEST_TIMEOUT_MS = 2_000;
const MAX_REPLAYED = 100;

export interface WebhookParts {
  registry: WebhookRegistry;
  outboxes: OutboxMover;
  deliveries: Deliveries;
  sender: WebhookSender;
  /** The secret of each webhook is derived from these secrets. */
  secrets: readonly string[];
}

export function webhookModule(
  dependencies: DomainDependencies,
  parts: WebhookParts,
): DomainModule<"webhook"> {
  const { registry, outboxes, deliveries, sender } = parts;
  return {
    operations: webhookHandlers(dependencies, parts),
    async start(topics) {
      await topics.listen(dependencies.keys.webhooks.topic, registry);
      await registry.load();
      outboxes.start();
    },
    async stop() {
      registry.close();
      await outboxes.stop();
      sender.close();
    },
    eraseUser: (user) => deliveries.eraseUser(user),
    exportUser: (user, cursor) => deliveries.exportUser(user, cursor),
  };
}

function webhookHandlers(
  dependencies: DomainDependencies,
  { registry, deliveries, sender, secrets }: WebhookParts,
): DomainHandlers<"webhook"> {
  /** Finds a webhook, also one that another node created a moment ago. */
  const find = async (id: string): Promise<Endpoint> => {
    const known = registry.get(id);
    if (known) return known;
    await registry.load();
    return registry.get(id) ?? fail(unknownWebhook());
  };
  const run = async <Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    id: string,
    idempotency: Idempotency | null,
    own: object,
  ): Promise<ReplyOf<Reply>> => {
    const { redis, keys, publishCommand } = dependencies;
    const { scope, args } = idempotencyArguments(idempotency);
    const scriptKeys = { ...keys.webhooks, firstReply: keys.webhooks.firstReply(scope) };
    const all = { ...args, publishCommand, id, ...own } as unknown as ArgumentsOf<Args>;
    const [status, ...values] = (await runScript(redis, script, scriptKeys, all)) as string[];
    refuseReusedKey(status!);
    if (status === "not_found") throw unknownWebhook();
    if (status === "full") throw tooManyWebhooks();
    await registry.load();
    return namedReply(script, status!, values);
  };

  return {
    "webhook.create": async ({ url, events, ids, top, enabled }, { idempotency }) => {
      if (secrets.length === 0) throw noSecret();
      checkUrl(url, sender);
      const fields = { url, events: events ?? null, ids: ids ?? null, top, enabled };
      const id = `wh_${randomBytes(12).toString("base64url")}`;
      const stored = await run(createScript, id, idempotency, {
        fields: JSON.stringify(fields),
        maxWebhooks: limits.webhooks,
      });
      const endpoint = storedEndpointOf(stored.id, stored.stored, secrets);
      return { webhook: webhookOf(endpoint), secret: endpoint.secrets[0]! };
    },

    "webhook.list": async () => {
      await registry.load();
      return { webhooks: registry.endpoints.map(webhookOf) };
    },

    "webhook.update": async ({ webhook: id, ...changes }, { idempotency }) => {
      refuseSettings(id, registry);
      if (changes.url !== undefined) checkUrl(changes.url, sender);
      const { stored } = await run(updateScript, id, idempotency, { fields: JSON.stringify(changes) });
      return { webhook: webhookOf(storedEndpointOf(id, stored, secrets)) };
    },

    "webhook.delete": async ({ webhook: id }, { idempotency }) => {
      refuseSettings(id, registry);
      // The webhook of GRANDSTAND_WEBHOOK_URL can be deleted once the setting is gone. Redis never stored this webhook, so
      // only its deliveries are removed.
      if (id !== SETTINGS_ID) await run(deleteScript, id, idempotency, {});
      await deliveries.remove(id);
      return { deleted: true };
    },

    "webhook.test": async ({ webhook: id }) => {
      const { reason, status, durationMs } = await sender.send(
        await find(id),
        {
          id: `evt_${randomUUID().replaceAll("-", "")}`,
          event: "webhook.test",
          atMs: Date.now(),
          data: { webhook: id },
        },
        TEST_TIMEOUT_MS,
      );
      return { delivered: reason === null, status, reason, durationMs };
    },

    "webhook.deliveries": async ({ webhook: id, state, limit, cursor }) => {
      await find(id);
      const first = Number(cursor ?? 0);
      const page = await deliveries.list(id, state, first, limit);
      const next = first + limit;
      return { ...page, nextCursor: page.counts[state] > next ? String(next) : null };
    },

    "webhook.replay": async ({ webhook: id, deliveries: chosen }) => {
      await find(id);
      return deliveries.replay(id, chosen ?? null, MAX_REPLAYED);
    },
  };
}

function fail(error: GrandstandError): never {
  throw error;
}

/** @throws {GrandstandError} `bad_request` for an address that is not public */
function checkUrl(text: string, sender: WebhookSender): void {
  if (!sender.refuses(new URL(text))) return;
  const message =
    "must not be at an address that is not public, unless GRANDSTAND_WEBHOOK_ALLOWED_RANGES has it";
  throw new GrandstandError("bad_request", `url ${message}`, {
    issues: [{ path: "url", rule: "address", message }],
  });
}

/** @throws {GrandstandError} `conflict` for the webhook in the settings */
function refuseSettings(id: string, registry: WebhookRegistry): void {
  if (id !== SETTINGS_ID || registry.get(id) === undefined) return;
  const message = "is in the settings: change GRANDSTAND_WEBHOOK_URL";
  throw new GrandstandError("conflict", `This webhook ${message}`, {
    issues: [{ path: "webhook", rule: "settings", message }],
  });
}

function unknownWebhook(): GrandstandError {
  return new GrandstandError("not_found", "There is no such webhook", {
    issues: [{ path: "webhook", rule: "unknown", message: "is not the id of a webhook" }],
  });
}

function tooManyWebhooks(): GrandstandError {
  return new GrandstandError("conflict", `There are ${limits.webhooks} webhooks already`, {
    issues: [{ path: "", rule: "max", message: "has reached the maximum: delete a webhook first" }],
  });
}

function noSecret(): GrandstandError {
  return new GrandstandError("conflict", "Webhooks need the setting GRANDSTAND_WEBHOOK_SECRET", {
    issues: [{ path: "", rule: "secret", message: "needs the setting GRANDSTAND_WEBHOOK_SECRET" }],
  });
}
