import { z } from "zod";
import { memberId, resourceId } from "../ids.js";
import { jsonValue, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { nextCursor, searched } from "./search.js";

const queue = resourceId.describe("The id of the queue.");
const job = resourceId.describe("The id of the job in its queue.");
const token = z
  .string()
  .regex(/^[\x21-\x7e]{8,64}$/, "must be 8 to 64 visible ASCII characters")
  .describe("Random text of the worker, which identifies this take.");
const leaseMs = z
  .int()
  .min(1_000)
  .max(limits.jobLeaseMs)
  .describe("How long the worker has the job. After this time, another worker may take it.");
const payload = jsonValue(limits.jobPayloadBytes).describe("What the worker needs to know: any JSON.");
const attempts = z.int().min(1).max(limits.jobAttempts);
const attempt = z.int().describe("How often the job was taken.");
const user = memberId.nullable().describe("The user whom the job is about; null when it is about none.");
const reason = z.string().max(500);
const state = z.enum(["waiting", "delayed", "taken", "failed"]);
const count = (description: string) => z.int().describe(description);

const takenJob = z
  .object({
    job,
    payload,
    user,
    attempt,
    attempts: attempts.describe("How often it may be taken."),
  })
  .meta({ id: "TakenJob", description: "A job of the app that a worker has taken." });

const storedJob = z
  .object({
    job,
    payload,
    user,
    attempt,
    attempts: attempts.describe("How often it may be taken."),
    at: timestamp.describe(
      "When it may be taken; for a taken job, when its lease ends; for a failed one, when it failed.",
    ),
    reason: reason.nullable().describe("Why the last attempt failed; null when none has."),
  })
  .meta({ id: "StoredJob", description: "A job of the app in its queue." });

const jobCounts = z
  .object({
    waiting: count("Jobs that are due."),
    delayed: count("Jobs that are due later."),
    taken: count("Jobs that workers have."),
    failed: count("Jobs that have failed for good."),
  })
  .meta({ id: "JobCounts", description: "How many jobs of a queue are in each state." });

export const jobOperations = defineOperations({
  "job.add": {
    summary: "Add a job of the app to a queue",
    rest: { method: "POST", path: "/jobs/{queue}", status: 201 },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      queue,
      payload,
      job: job
        .optional()
        .describe(
          "An id that you choose: while the queue has a job with this id, no second one is added. Random when not given.",
        ),
      user: memberId
        .optional()
        .describe("The user whom the job is about, for `user.erase` and `user.export`."),
      delayMs: z
        .int()
        .min(0)
        .max(limits.jobDelayMs)
        .default(0)
        .describe("How long it waits before a worker may take it, in ms."),
      attempts: attempts.default(5).describe("How often it is taken until it has failed for good."),
      backoffMs: z
        .int()
        .min(0)
        .max(limits.jobBackoffMs)
        .default(1_000)
        .describe(
          "The wait after the first failure, in ms. It doubles with each further one, up to an hour.",
        ),
    }),
    output: z.object({
      job,
      added: z.boolean().describe("False when the queue already has a job with this id."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "job.take": {
    summary: "Take the jobs that are due, for a time",
    rest: { method: "POST", path: "/jobs/{queue}/take" },
    callers: "server",
    access: "write",
    // Needs no idempotency key: a repeat with the same token gets the same jobs.
    isWrite: false,
    cost: 1,
    input: z.strictObject({
      queue,
      token,
      limit: z.int().min(1).max(limits.jobsPerTake).default(1).describe("How many jobs to take."),
      leaseMs: leaseMs.default(30_000),
    }),
    output: z.object({
      jobs: z.array(takenJob).describe("The jobs, the first due first."),
      nextMs: z
        .int()
        .nullable()
        .describe(
          "Without a job: when the next one may be taken, in ms from now; null when none is due later or taken.",
        ),
    }),
    errors: ["forbidden"],
  },
  "job.extend": {
    summary: "Keep a taken job for longer",
    rest: { method: "POST", path: "/jobs/{queue}/{job}/extend" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ queue, job, token, leaseMs }),
    output: z.object({
      remainingMs: z
        .int()
        .describe(
          "How long the worker has the job from now, in ms. 0 if a repeated call with the same idempotency key comes after the lease has ended.",
        ),
    }),
    errors: ["forbidden", "conflict"],
  },
  "job.complete": {
    summary: "Remove a taken job, because it is done",
    rest: { method: "POST", path: "/jobs/{queue}/{job}/complete" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ queue, job, token }),
    output: z.object({
      completed: z.boolean().describe("False when the worker did not have the job any more."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "job.fail": {
    summary: "Give a taken job back, because the attempt failed",
    rest: { method: "POST", path: "/jobs/{queue}/{job}/fail" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({
      queue,
      job,
      token,
      reason: reason.default("").describe("Why it failed, for operators."),
      retry: z.boolean().default(true).describe("False when a further attempt would fail as well."),
    }),
    output: z.object({
      state: z.enum(["delayed", "failed"]).describe("`failed` after the last attempt."),
      retryInMs: z.int().describe("When it may be taken again, in ms from now; 0 when it has failed."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "job.queues": {
    summary: "Search the queues that have jobs, unordered",
    rest: { method: "GET", path: "/jobs" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 20,
    input: z.strictObject(searched("queues")),
    output: z.object({
      queues: z
        .array(z.object({ queue, counts: jobCounts }))
        .describe("The queues of this page; a queue may be on two pages."),
      nextCursor,
    }),
    errors: ["forbidden"],
  },
  "job.list": {
    summary: "Read a queue: how many jobs it has in each state, and the jobs in one",
    rest: { method: "GET", path: "/jobs/{queue}" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      queue,
      state: state.default("failed").describe("The state of the jobs to list."),
      offset: z.int().min(0).max(1_000_000).default(0).describe("How many of them to skip."),
      limit: z.int().min(1).max(limits.jobsPerTake).default(limits.jobsPerTake).describe("How many to list."),
    }),
    output: z.object({
      counts: jobCounts,
      jobs: z
        .array(storedJob)
        .describe("The jobs, the first due first. Of failed jobs, the last failed is first."),
    }),
    errors: ["forbidden"],
  },
  "job.retry": {
    summary: "Run a failed job again, with all its attempts",
    rest: { method: "POST", path: "/jobs/{queue}/{job}/retry" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ queue, job }),
    output: z.object({ retried: z.boolean().describe("False when the queue has no such failed job.") }),
    errors: ["forbidden", "conflict"],
  },
  "job.remove": {
    summary: "Remove a job in any state",
    rest: { method: "DELETE", path: "/jobs/{queue}/{job}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 1,
    input: z.strictObject({ queue, job }),
    output: z.object({ removed: z.boolean().describe("False when the queue has no such job.") }),
    errors: ["forbidden", "conflict"],
  },
});
