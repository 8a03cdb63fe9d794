import type { Config } from "../config/config.js";
import type { DomainDependencies } from "../domains/shared/dependencies.js";
import { EventQueue } from "../domains/shared/event-queue.js";
import type { WebhookParts } from "../domains/webhook/module.js";
import { OutboxMover } from "../domains/webhook/outbox-mover.js";
import { WebhookRegistry } from "../domains/webhook/registry.js";
import { WebhookSender } from "../domains/webhook/sender.js";
import type { JobQueueOptions } from "../jobs/job-queue.js";
import { WebhookJobs } from "../jobs/webhook-jobs.js";
import type { ShownProfiles } from "../profiles/shown-profiles.js";

type Stores = Pick<DomainDependencies, "redis" | "keys" | "publishCommand">;

/** Constructs the parts that bring an event from a Lua script to the webhooks: outboxes, jobs and the sender. */
export function webhookServices(
  stores: Stores,
  config: Config["webhooks"],
  jobOptions: JobQueueOptions,
  profiles: ShownProfiles,
): WebhookParts & { deliveries: WebhookJobs; events: EventQueue } {
  const { pace, secrets, allowedRanges } = config;
  const { log, pace: nodePace, observer } = jobOptions;
  const withLog = { ...stores, log, pace: nodePace };
  const registry = new WebhookRegistry(withLog, config);
  const sender = new WebhookSender(allowedRanges);
  const deliveries = new WebhookJobs(jobOptions, pace, registry, sender, profiles);
  const outboxes = new OutboxMover(withLog, registry, deliveries, pace.sweepMs);
  const events = new EventQueue(registry, outboxes, observer.tracer);
  return { registry, outboxes, deliveries, sender, secrets, events };
}
