import type { Jobs } from "../domains/admin/jobs.js";
import type { UpkeepJobs } from "./upkeep-jobs.js";
import type { WebhookJobs } from "./webhook-jobs.js";

/** For operators: the counts of all queues, and the jobs of the upkeep queue. Webhook deliveries have their own operations. */
export function operatorJobs(upkeep: UpkeepJobs, webhooks: WebhookJobs): Jobs {
  return {
    queues: async () => Promise.all([upkeep.counts(), ...(await webhooks.queues())]),
    schedules: () => upkeep.schedules(),
    list: (state, first, limit) => upkeep.list(state, first, limit),
    retry: (ids, limit) => upkeep.retry(ids, limit),
  };
}
