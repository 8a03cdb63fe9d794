import { limits } from "@grandstand/shared/limits";
import type { ActivityPoint, AttentionItem, NodeReport } from "@grandstand/shared/operations/admin";
import type { QueueCounts } from "./jobs.js";
import type { RedisState } from "./redis-report.js";

/** The minutes in which refusals and failures count as recent. */
const RECENT_MINUTES = 10;
const MEMORY_SHARE = 0.85;
const SLOW_REDIS_MS = 20;
const LATE_TIMERS_MS = 100;
const LONG_QUEUE = 1_000;
const MANY_PENDING_SHARE = 0.5;

/** What the nodes, Redis and the queues report. */
export interface SystemState {
  nodes: readonly NodeReport[];
  redis: RedisState;
  activity: readonly ActivityPoint[];
  queues: readonly QueueCounts[];
}

/** What an operator should look at, critical items first. */
export function attentionItems({ nodes, redis, activity, queues }: SystemState): AttentionItem[] {
  const recent = activity.slice(-RECENT_MINUTES);
  const items = [
    ...aboutRedis(redis.report, redis.isSaving),
    ...nodes.flatMap(aboutNode),
    ...aboutCalls(recent),
    ...queues.flatMap(aboutQueue),
  ];
  const versions = new Set(nodes.filter(({ hasLease }) => hasLease).map(({ version }) => version));
  if (versions.size > 1) {
    items.push(
      warning(
        `The nodes run ${versions.size} versions: ${[...versions].join(", ")}.`,
        "Finish the rolling update.",
      ),
    );
  }
  return items.sort((one, other) => Number(other.level === "critical") - Number(one.level === "critical"));
}

function aboutRedis(redis: RedisState["report"], isSaving: boolean): AttentionItem[] {
  const items: AttentionItem[] = [];
  if (redis.evictionPolicy !== "noeviction" && redis.evictionPolicy !== "") {
    items.push(
      critical(
        `Redis deletes data when its memory is full: its maxmemory-policy is ${redis.evictionPolicy}.`,
        "Set maxmemory-policy to noeviction.",
      ),
    );
  }
  if (!isSaving) {
    items.push(
      critical("Redis could not save its data to disk.", "Look at its log, and at the space on its disk."),
    );
  }
  if (!redis.isAppendOnly) {
    items.push(
      warning(
        "Redis keeps no append-only file: a crash loses what came after the last snapshot.",
        "Set appendonly to yes.",
      ),
    );
  }
  if (redis.maxBytes !== null && redis.usedBytes > MEMORY_SHARE * redis.maxBytes) {
    const percent = Math.round((100 * redis.usedBytes) / redis.maxBytes);
    items.push(
      critical(
        `Redis uses ${percent} % of its memory.`,
        "Raise maxmemory, or delete boards and rooms that nobody needs.",
      ),
    );
  }
  if (redis.latencyMs > SLOW_REDIS_MS) {
    items.push(
      warning(
        `Redis took ${Math.round(redis.latencyMs)} ms to answer a PING.`,
        "Look at SLOWLOG, at the network and at the load of its machine.",
      ),
    );
  }
  return items;
}

function aboutNode(node: NodeReport): AttentionItem[] {
  const name = `Node ${node.id.slice(0, 8)} on ${node.host}`;
  if (!node.hasLease) {
    return [
      critical(
        `${name} has no lease: its last report came at ${node.reportedAt.slice(11, 19)} UTC.`,
        "If it was not stopped on purpose, look at its log. It leaves this list about an hour after its last report.",
      ),
    ];
  }
  const items: AttentionItem[] = [];
  if (node.slowConsumers > 0) {
    const clients =
      node.slowConsumers === 1 ? "1 client that reads" : `${node.slowConsumers} clients that read`;
    items.push(
      warning(`${name} has ${clients} too slowly.`, "They catch up, or are closed after 15 seconds."),
    );
  }
  if (node.eventLoopDelayMs > LATE_TIMERS_MS) {
    items.push(
      warning(
        `${name} was busy: its timers were ${Math.round(node.eventLoopDelayMs)} ms late.`,
        "Add a node, or give this one more CPU.",
      ),
    );
  }
  return items;
}

function aboutCalls(recent: readonly ActivityPoint[]): AttentionItem[] {
  const sum = (field: "failures" | "limited") => recent.reduce((all, point) => all + point[field], 0);
  const items: AttentionItem[] = [];
  const failures = sum("failures");
  if (failures > 0) {
    items.push(
      warning(
        `${times(failures, "call")} failed on the server in the last ${RECENT_MINUTES} minutes.`,
        "Look at the logs of the nodes, and at Redis.",
      ),
    );
  }
  const limited = sum("limited");
  if (limited > 0) {
    items.push(
      warning(
        `Limits refused ${times(limited, "call or connection", "calls and connections")} in the last ${RECENT_MINUTES} minutes.`,
        "A client sends too many calls or connects too often, or GRANDSTAND_LIMITS is too low for your app.",
      ),
    );
  }
  return items;
}

function aboutQueue({ name, waiting, active, delayed, failed }: QueueCounts): AttentionItem[] {
  const isUpkeep = name === "upkeep";
  const items: AttentionItem[] = [];
  if (failed > 0 && isUpkeep) {
    items.push(
      warning(
        `${times(failed, "job")} of upkeep failed for good within the last 30 days.`,
        "Read why they failed on the page Jobs, fix the causes, and retry the jobs.",
      ),
    );
  }
  if (failed > 0 && !isUpkeep) {
    items.push(
      warning(
        `The webhook ${idOf(name)} has ${times(failed, "dead letter")} of the last week.`,
        "Read the reasons on its page, mend the receiver, and replay the dead letters.",
      ),
    );
  }
  const pending = isUpkeep ? waiting : waiting + active + delayed;
  if (isUpkeep && pending > LONG_QUEUE) {
    items.push(warning(`${times(pending, "job")} of upkeep wait for a free node.`, "Add a node."));
  }
  if (!isUpkeep && pending > MANY_PENDING_SHARE * limits.webhookPending) {
    items.push(
      warning(
        `The webhook ${idOf(name)} has ${times(pending, "pending delivery", "pending deliveries")}.`,
        `Mend the receiver, or make it faster: events are dropped at ${limits.webhookPending.toLocaleString("en")}.`,
      ),
    );
  }
  return items;
}

/** The id of the webhook to which a queue belongs. */
function idOf(queue: string): string {
  return queue.slice("webhook-".length);
}

function times(number: number, thing: string, things = `${thing}s`): string {
  return number === 1 ? `1 ${thing}` : `${number.toLocaleString("en")} ${things}`;
}

function warning(title: string, remedy: string): AttentionItem {
  return { level: "warning", title, remedy };
}

function critical(title: string, remedy: string): AttentionItem {
  return { level: "critical", title, remedy };
}
