import { randomBytes } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainModule } from "../shared/module.js";
import { countsOf, searchQueues } from "./queues.js";
import { inParts, jobOf, VALUES_PER_JOB } from "./reply.js";
import {
  addScript,
  completeScript,
  extendScript,
  failScript,
  listScript,
  removeScript,
  retryScript,
  takeScript,
} from "./scripts.js";
import { QueueStore, type Stores } from "./store.js";
import { eraseJobs, exportJobs } from "./user-data.js";

/**
 * Queues for the app's own jobs. A worker takes a job under a lease. If the lease ends before the worker has completed
 * the job, another worker may take it. So a job may be carried out more than once.
 */
export function jobModule(stores: Stores): DomainModule<"job"> {
  const storeOf = (queue: string) => new QueueStore(stores, queue);

  return {
    operations: {
      "job.add": async ({ queue, payload, job, user, ...rules }, { idempotency }) => {
        const args = {
          ...rules,
          job: job ?? randomBytes(12).toString("hex"),
          payload: JSON.stringify(payload),
          user: user === undefined ? "" : encodeURIComponent(user),
          pendingLimit: limits.jobsPerQueue,
        };
        const reply = await storeOf(queue).run(addScript, args, idempotency);
        return { job: reply.job, added: reply.added === "1" };
      },

      "job.take": async ({ queue, ...args }) => {
        const { nextMs, jobs } = await storeOf(queue).run(takeScript, args, null, args.token);
        return {
          jobs: inParts(jobs, VALUES_PER_JOB).map(jobOf),
          nextMs: jobs.length > 0 || nextMs === "" ? null : Number(nextMs),
        };
      },

      "job.extend": async ({ queue, ...args }, { idempotency }) => {
        const { remainingMs } = await storeOf(queue).run(extendScript, args, idempotency);
        return { remainingMs: Number(remainingMs) };
      },

      "job.complete": async ({ queue, ...args }, { idempotency }) => {
        const { completed } = await storeOf(queue).run(completeScript, args, idempotency);
        return { completed: completed === "1" };
      },

      "job.fail": async ({ queue, retry, ...args }, { idempotency }) => {
        const all = { ...args, retry: retry ? "1" : "0" };
        const { state, delayMs } = await storeOf(queue).run(failScript, all, idempotency);
        return { state: state as "delayed" | "failed", retryInMs: Number(delayMs) };
      },

      "job.queues": (input) => searchQueues(stores, input),

      "job.list": async ({ queue, ...args }) => {
        const { jobs, ...counts } = await storeOf(queue).run(listScript, args);
        return {
          counts: countsOf(counts),
          jobs: inParts(jobs, VALUES_PER_JOB + 2).map((values) => {
            const [atMs, reason] = values.slice(VALUES_PER_JOB);
            return { ...jobOf(values), at: toIsoTime(atMs), reason: reason === "" ? null : reason! };
          }),
        };
      },

      "job.retry": async ({ queue, job }, { idempotency }) => {
        const { retried } = await storeOf(queue).run(retryScript, { job }, idempotency);
        return { retried: retried === "1" };
      },

      "job.remove": async ({ queue, job }, { idempotency }) => {
        const { removed } = await storeOf(queue).run(removeScript, { job }, idempotency);
        return { removed: removed === "1" };
      },
    },
    eraseUser: (user) => eraseJobs(stores, user),
    exportUser: (user, cursor) => exportJobs(stores, user, cursor),
  };
}
