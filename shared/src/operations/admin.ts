import { z } from "zod";
import { chatRoom } from "../chat-room.js";
import { memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { chatRoomSettings, chatSanctions, chatVisibility } from "./chat.js";
import { nextCursor, searched } from "./search.js";

const count = (what: string) => z.int().min(0).describe(what);
const perSecond = (what: string) => z.number().min(0).describe(what);

/** What a node last reported about itself. */
export const nodeReport = z
  .object({
    id: z.string().describe("The id of the node, as in `nodeId` of `welcome`."),
    host: z.string().describe("The name of its machine."),
    version: z.string().describe("The version of Grandstand that it runs."),
    startedAt: timestamp.describe("When it started, by its own clock."),
    reportedAt: timestamp.describe("When it sent this report."),
    hasLease: z.boolean().describe("False when its next report is overdue: it stopped without a notice."),
    connections: z
      .object({
        websocket: count("Plain WebSockets."),
        socketio: count("Socket.IO connections."),
        sse: count("Event streams."),
      })
      .describe("Its live connections by transport."),
    channels: count("Channels with a subscriber on this node."),
    slowConsumers: count("Clients that read more slowly than their channels publish."),
    callsPerSecond: perSecond("Calls per second since its previous report."),
    deliveriesPerSecond: perSecond("Publications times receivers, per second since its previous report."),
    eventLoopDelayMs: z
      .number()
      .min(0)
      .describe("How late its timers were since its previous report: the 99th percentile, in ms."),
    memoryBytes: count("The resident memory of its process."),
  })
  .meta({ id: "NodeReport", description: "What a node last reported about itself." });

/** What the console shows of Redis. */
export const redisReport = z
  .object({
    version: z.string().describe("The version of the server."),
    latencyMs: z.number().min(0).describe("How long one PING took from the node that replies."),
    usedBytes: count("The memory that it uses."),
    maxBytes: z.int().nullable().describe("The limit of its memory; null for none."),
    evictionPolicy: z.string().describe("What it does when its memory is full."),
    isAppendOnly: z.boolean().describe("Whether it writes an append-only file."),
    keys: count("The number of its keys."),
    commandsPerSecond: perSecond("Commands of all clients per second."),
    clients: count("Connections of all clients."),
    startedAt: timestamp.describe("When it started."),
  })
  .meta({ id: "RedisReport", description: "The state of the Redis of the node that replies." });

export const attentionItem = z
  .object({
    level: z.enum(["critical", "warning"]).describe("`critical` when data or service is at risk."),
    title: z.string().describe("What is wrong, in one sentence."),
    remedy: z.string().describe("What to do about it."),
  })
  .meta({ id: "AttentionItem", description: "Something that an operator should look at." });

/** The sums and peaks of all nodes within one minute. */
export const activityPoint = z
  .object({
    at: timestamp.describe("When the minute began."),
    connections: count("The most live connections that all nodes had at once."),
    calls: count("Calls."),
    failures: count("Calls that failed with `internal` or `unavailable`."),
    limited: count("Calls and connections that a limit refused."),
    deliveries: count("Publications times receivers."),
    eventLoopDelayMs: z.number().min(0).describe("The longest `eventLoopDelayMs` that a node reported."),
  })
  .meta({ id: "ActivityPoint", description: "What all nodes did within one minute." });

export const roomSummary = z
  .object({
    room: chatRoom,
    visibility: chatVisibility.nullable().describe("Null for a room that was never configured."),
    messages: count("The number of messages that the room keeps."),
    members: count("The number of members that have a role."),
    present: count("The number of users who are present."),
    lastAt: timestamp.nullable().describe("When its log last changed; null for an empty log."),
  })
  .meta({ id: "RoomSummary", description: "A room, as the list of rooms shows it." });

export const userSummary = z
  .object({
    user: memberId,
    online: z.boolean().describe("Whether the user is in a room."),
    rooms: count("The number of rooms that the user is in."),
    sessions: count("The number of sessions."),
    lastSeenAt: timestamp.nullable().describe("When the user was last in a room; null when unknown."),
  })
  .meta({ id: "UserSummary", description: "A user, as the list of users shows it." });

export const auditEntry = z
  .object({
    id: z.string().describe("The id of the entry. Ids rise with time."),
    at: timestamp.describe("When it happened."),
    key: z.string().describe("The name of the API key with which the operator signed in."),
    address: z.string().describe("The address of the operator's client."),
    operation: z.string().describe("The operation, or `console.signIn` and `console.signOut`."),
    input: z.string().describe("The input as JSON. Long texts and secrets are left out."),
    outcome: z.string().describe("`ok`, or the code of the error."),
  })
  .meta({ id: "AuditEntry", description: "What an operator did in the console." });

export const queueCounts = z
  .object({
    name: z.string().describe("`upkeep`, or `webhook-` and the id of a webhook."),
    waiting: count("Jobs that are due and wait for a free node."),
    active: count("Jobs that run."),
    delayed: count("Jobs that are due later."),
    failed: count("Jobs that failed for good and are kept."),
  })
  .meta({ id: "QueueCounts", description: "How many jobs a queue has in each state." });

export const jobSchedule = z
  .object({
    name: z.string().describe("The name of the jobs that it adds."),
    everyMs: z.int().min(0).describe("The time between two of its jobs, in ms."),
    nextAt: timestamp.nullable().describe("When its next job is due; null when none is scheduled."),
  })
  .meta({ id: "JobSchedule", description: "A schedule that adds a job at an interval." });

const jobId = z
  .string()
  .regex(/^[A-Za-z0-9_:-]{1,200}$/, "must be the id of a job")
  .meta({ id: "JobId", description: "The id of a job." });

const jobState = z
  .enum(["waiting", "active", "delayed", "failed"])
  .describe("`failed` jobs are not tried again by themselves.");

export const queuedJob = z
  .object({
    id: jobId,
    name: z.string().describe("`close` a season, `review` the ends of all seasons, or `erase` a user."),
    subject: z.string().nullable().describe("The id of its board or user; null when it is about all."),
    window: z.string().nullable().describe("The window of the board whose season it closes; otherwise null."),
    state: jobState,
    attempts: count("How often it was tried."),
    addedAt: timestamp.describe("When it was added."),
    dueAt: timestamp.nullable().describe("When it is due; null if it is due at once."),
    finishedAt: timestamp.nullable().describe("When it failed for good; otherwise null."),
    reason: z.string().nullable().describe("Why its last attempt failed; null when none did."),
  })
  .meta({ id: "QueuedJob", description: "A job of upkeep: the end of a season or an erasure." });

const traceId = z
  .string()
  .regex(/^tr_[A-Za-z0-9_-]{16}$/, "must be the id of a trace")
  .meta({ id: "TraceId", description: "The id of a trace." });

/** The id of an entry in a Redis stream. */
const streamCursor = z
  .string()
  .regex(/^\d{1,20}-\d{1,20}$/, "must be a nextCursor of an earlier response")
  .optional()
  .describe("The `nextCursor` of an earlier page.");

export const traceRecord = z
  .object({
    id: z.string().describe("The id of the record. Ids rise with the time of the write."),
    at: timestamp.describe("When it happened, by the clock of the node."),
    nodeId: z.string().describe("The node where it happened."),
    kind: z
      .enum(["published", "handed", "subscribed", "paused", "resynced", "ended", "left"])
      .describe(
        "`handed`: publications were handed to connections. `resynced`: clients were told to resync. `ended`: the server ended subscriptions. `left`: the client ended one, or its connection closed.",
      ),
    detail: z
      .string()
      .nullable()
      .describe(
        "The operation that published; the events that were handed to connections; how a subscription began: `new`, `recovered`, or why it could not recover; the reason of a resync or of an end.",
      ),
    first: z.int().nullable().describe("The first offset; null without one."),
    last: z
      .int()
      .nullable()
      .describe("The last offset, or the position of a new subscription; null without one."),
    receivers: z
      .array(
        z.object({
          connectionId: z.string().describe("As in `connectionId` of `welcome`."),
          user: z.string().nullable().describe("The user of the connection; null for an API key."),
          transport: z.enum(["websocket", "socketio", "sse"]).describe("Its transport."),
        }),
      )
      .describe("The first 100 connections that it is about."),
    receiverCount: count("The number of all connections that it is about."),
    droppedBefore: count("Records that this node dropped before this one, because too many waited."),
  })
  .meta({ id: "TraceRecord", description: "Something that happened to a traced user in a traced room." });

/** The operations that only the console needs. The console also calls operations of the other domains. */
export const adminOperations = defineOperations({
  "admin.overview": {
    summary: "Read the state of all nodes and of Redis, and what needs attention",
    rest: { method: "GET", path: "/admin/overview" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({}),
    output: z.object({
      nodeId: z.string().describe("The node that replied."),
      serverTime: timestamp.describe("The time of Redis."),
      nodes: z.array(nodeReport).describe("The nodes, the longest running first."),
      redis: redisReport,
      attention: z.array(attentionItem).describe("What needs attention, critical items first."),
    }),
    errors: [],
  },
  "admin.activity": {
    summary: "Read what all nodes did in each of the last minutes",
    rest: { method: "GET", path: "/admin/activity" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      last: z
        .int()
        .min(1)
        .max(limits.activityMinutes)
        .default(limits.activityMinutes)
        .describe("The number of minutes, including the current one."),
    }),
    output: z.object({
      points: z.array(activityPoint).describe("One item for each minute, oldest first."),
    }),
    errors: [],
  },
  "admin.rooms": {
    summary: "Search the rooms, unordered; a room may be on two pages",
    rest: { method: "GET", path: "/admin/rooms" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 20,
    input: z.strictObject(searched("rooms")),
    output: z.object({ rooms: z.array(roomSummary).describe("The rooms of this page."), nextCursor }),
    errors: [],
  },
  "admin.room": {
    summary: "Read the settings and the sanctions of a room",
    rest: { method: "GET", path: "/admin/rooms/{room}" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 2,
    input: z.strictObject({ room: chatRoom }),
    output: z.object({
      summary: roomSummary.describe("The room as the list shows it."),
      settings: chatRoomSettings.nullable().describe("Null for a room that was never configured."),
      sanctions: z
        .array(chatSanctions)
        .max(limits.sanctionsPerRoom)
        .describe("The first users who are muted or banned."),
    }),
    errors: [],
  },
  "admin.users": {
    summary: "Search the users of whom something is stored, unordered; a user may be on two pages",
    rest: { method: "GET", path: "/admin/users" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 20,
    input: z.strictObject(searched("users")),
    output: z.object({ users: z.array(userSummary).describe("The users of this page."), nextCursor }),
    errors: [],
  },
  "admin.jobs": {
    summary: "Read the queues and schedules of jobs, and the jobs of upkeep in one state",
    rest: { method: "GET", path: "/admin/jobs" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      state: jobState.default("failed"),
      limit: z.int().min(1).max(100).default(50).describe("The number of jobs in a page."),
      cursor: z
        .string()
        .regex(/^\d{1,9}$/, "must be a nextCursor of an earlier response")
        .optional()
        .describe("The `nextCursor` of an earlier page."),
    }),
    output: z.object({
      queues: z.array(queueCounts).describe("The queue of upkeep first, then one for each webhook."),
      schedules: z.array(jobSchedule).describe("The schedules of the queue of upkeep."),
      jobs: z
        .array(queuedJob)
        .describe("Jobs of the queue of upkeep: the first due, or the last failed, come first."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: [],
  },
  "admin.retryJobs": {
    summary: "Run failed jobs of upkeep again, with all their attempts",
    rest: { method: "POST", path: "/admin/jobs/retry" },
    callers: "server",
    access: "write",
    // Needs no idempotency key: a repeat finds the jobs waiting and does nothing.
    isWrite: false,
    cost: 10,
    input: z.strictObject({
      jobs: z
        .array(jobId)
        .min(1)
        .max(100)
        .optional()
        .describe("The ids of failed jobs. Up to 100 failed jobs when not given."),
    }),
    output: z.object({
      retried: count("How many jobs run again."),
      unknown: z.array(z.string()).describe("The ids that are no failed job."),
    }),
    errors: [],
  },
  "admin.beginTrace": {
    summary: "Record on all nodes, for some minutes, what happens to the messages of one user in one room",
    rest: { method: "POST", path: "/admin/traces", status: 201 },
    callers: "server",
    access: "write",
    // Takes no idempotency key. A repeat begins a second trace, which does no harm: it ends by itself after `ttlMs`.
    isWrite: false,
    cost: 20,
    input: z.strictObject({
      room: chatRoom,
      user: memberId,
      ttlMs: z.int().min(1_000).max(900_000).default(300_000).describe("How long it records, in ms."),
    }),
    output: z.object({ trace: traceId, endsAt: timestamp.describe("When it ends by itself.") }),
    errors: ["conflict"],
  },
  "admin.trace": {
    summary: "Read the records of a trace, oldest first; they are kept for two hours",
    rest: { method: "GET", path: "/admin/traces/{trace}" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      trace: traceId,
      limit: z.int().min(1).max(500).default(100).describe("The number of records in a page."),
      cursor: streamCursor,
    }),
    output: z.object({
      records: z.array(traceRecord).describe("The records after the cursor, oldest first."),
      endsAt: timestamp.nullable().describe("When the trace ends; null when it is over."),
      nextCursor: z
        .string()
        .describe("The cursor for later records. Never null, because records may follow."),
    }),
    errors: ["not_found"],
  },
  "admin.endTrace": {
    summary: "End a trace; its records stay",
    rest: { method: "DELETE", path: "/admin/traces/{trace}" },
    callers: "server",
    access: "write",
    // Needs no idempotency key: a repeat does nothing.
    isWrite: false,
    cost: 5,
    input: z.strictObject({ trace: traceId }),
    output: z.object({ ended: z.boolean().describe("Always true.") }),
    errors: [],
  },
  "admin.audit": {
    summary: "List what operators did in the console within the last 90 days, newest first",
    rest: { method: "GET", path: "/admin/audit" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      limit: z.int().min(1).max(100).default(50).describe("The number of items in a page."),
      cursor: streamCursor,
    }),
    output: z.object({
      entries: z.array(auditEntry).describe("The entries, newest first."),
      nextCursor: z.string().nullable().describe("The cursor of the next page; null on the last page."),
    }),
    errors: [],
  },
});

export type NodeReport = z.infer<typeof nodeReport>;
export type RedisReport = z.infer<typeof redisReport>;
export type AttentionItem = z.infer<typeof attentionItem>;
export type ActivityPoint = z.infer<typeof activityPoint>;
export type RoomSummary = z.infer<typeof roomSummary>;
export type UserSummary = z.infer<typeof userSummary>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type TraceRecord = z.infer<typeof traceRecord>;
