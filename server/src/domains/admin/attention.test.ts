import type { ActivityPoint, NodeReport, RedisReport } from "@grandstand/shared/operations/admin";
import { expect, it } from "vitest";
import { attentionItems } from "./attention.js";
import type { QueueCounts } from "./jobs.js";

const at = "2026-11-28T12:00:00.000Z";
const node: NodeReport = {
  id: "0f5c7f6e-1111",
  host: "game-1",
  version: "1.0.0",
  startedAt: at,
  reportedAt: at,
  hasLease: true,
  connections: { websocket: 1, socketio: 0, sse: 0 },
  channels: 1,
  slowConsumers: 0,
  callsPerSecond: 1,
  deliveriesPerSecond: 1,
  eventLoopDelayMs: 1,
  memoryBytes: 1e8,
};
const redis: RedisReport = {
  version: "7.0.15",
  latencyMs: 0.3,
  usedBytes: 50,
  maxBytes: 100,
  evictionPolicy: "noeviction",
  isAppendOnly: true,
  keys: 1,
  commandsPerSecond: 1,
  clients: 1,
  startedAt: at,
};
const quiet: ActivityPoint = {
  at,
  connections: 1,
  calls: 10,
  failures: 0,
  limited: 0,
  deliveries: 0,
  eventLoopDelayMs: 0,
};

const idle: QueueCounts = { name: "upkeep", waiting: 0, active: 0, delayed: 3, failed: 0 };

function titles(change: {
  nodes?: Partial<NodeReport>[];
  redis?: Partial<RedisReport>;
  isSaving?: boolean;
  activity?: Partial<ActivityPoint>[];
  queues?: Partial<QueueCounts>[];
}): string[] {
  const nodes = (change.nodes ?? [{}]).map((changed) => ({ ...node, ...changed }));
  const state = { report: { ...redis, ...change.redis }, isSaving: change.isSaving ?? true };
  const activity = (change.activity ?? [{}]).map((changed) => ({ ...quiet, ...changed }));
  const queues = (change.queues ?? [{}]).map((changed) => ({ ...idle, ...changed }));
  return attentionItems({ nodes, redis: state, activity, queues }).map(
    ({ level, title }) => `${level}: ${title}`,
  );
}

it("OP15: a system without problems has no attention items", () => {
  expect(titles({})).toEqual([]);
});

it.each([
  [
    { redis: { evictionPolicy: "allkeys-lru" } },
    "critical: Redis deletes data when its memory is full: its maxmemory-policy is allkeys-lru.",
  ],
  [
    { redis: { isAppendOnly: false } },
    "warning: Redis keeps no append-only file: a crash loses what came after the last snapshot.",
  ],
  [{ redis: { usedBytes: 90 } }, "critical: Redis uses 90 % of its memory."],
  [{ redis: { latencyMs: 41 } }, "warning: Redis took 41 ms to answer a PING."],
  [{ isSaving: false }, "critical: Redis could not save its data to disk."],
  [
    { nodes: [{ hasLease: false }] },
    "critical: Node 0f5c7f6e on game-1 has no lease: its last report came at 12:00:00 UTC.",
  ],
  [{ nodes: [{ slowConsumers: 2 }] }, "warning: Node 0f5c7f6e on game-1 has 2 clients that read too slowly."],
  [
    { nodes: [{ eventLoopDelayMs: 250 }] },
    "warning: Node 0f5c7f6e on game-1 was busy: its timers were 250 ms late.",
  ],
  [{ nodes: [{}, { version: "1.1.0" }] }, "warning: The nodes run 2 versions: 1.0.0, 1.1.0."],
  [{ activity: [{ failures: 1 }] }, "warning: 1 call failed on the server in the last 10 minutes."],
  [{ queues: [{ failed: 1 }] }, "warning: 1 job of upkeep failed for good within the last 30 days."],
  [{ queues: [{ waiting: 1_500 }] }, "warning: 1,500 jobs of upkeep wait for a free node."],
  [
    { queues: [{}, { name: "webhook-wh_1", failed: 2 }] },
    "warning: The webhook wh_1 has 2 dead letters of the last week.",
  ],
  [
    { queues: [{}, { name: "webhook-wh_1", delayed: 10_001 }] },
    "warning: The webhook wh_1 has 10,001 pending deliveries.",
  ],
  [
    { activity: [{ limited: 3 }, {}] },
    "warning: Limits refused 3 calls and connections in the last 10 minutes.",
  ],
])("OP15: %j makes one attention item, with the expected level and title", (change, title) => {
  expect(titles(change)).toEqual([title]);
});

it("OP15: refusals of more than ten minutes ago are no attention item, and critical items come first", () => {
  expect(titles({ activity: [{ limited: 3 }, ...Array.from({ length: 10 }, () => ({}))] })).toEqual([]);
  const both = titles({ redis: { isAppendOnly: false }, nodes: [{ hasLease: false }] });
  expect(both.map((title) => title.slice(0, 8))).toEqual(["critical", "warning:"]);
});
