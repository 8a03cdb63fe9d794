import { GrandstandError } from "@grandstand/shared/errors";
import { newKey } from "../idempotency-key.js";
import { pause } from "../pause.js";
import type { InputOf, OutputOf, ServerClient } from "../server.js";
import { keepLease } from "./lease.js";
import { nullOn } from "./null-on.js";

export type JobOptions = Omit<InputOf<"job.add">, "queue" | "payload">;

export interface Job {
  /** The id of the job in its queue. */
  readonly id: string;
  readonly user: string | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * Aborted when this worker has lost the lease of the job, or could not renew it in time. Another worker may run
   * the job then, so `run` has to stop.
   */
  readonly signal: AbortSignal;
}

export interface WorkOptions {
  /** Stops taking jobs. `work` resolves when the jobs that are already running have ended. */
  signal?: AbortSignal;
  /** How many jobs run at the same time. 1 when not given. */
  concurrency?: number;
  /** If a worker dies, another worker can take its job after this time, in ms. 30,000 when not given. */
  leaseMs?: number;
  /** How often to look for jobs when there are none, in ms. 1,000 when not given. */
  pollMs?: number;
}

export interface Jobs {
  /** Adds a job to a queue. */
  add(
    queue: string,
    payload: InputOf<"job.add">["payload"],
    options?: JobOptions,
  ): Promise<OutputOf<"job.add">>;
  /**
   * Runs the jobs of a queue until the signal is aborted. If `run` throws, the job is tried again later, until the
   * job has used up its attempts. A job may run more than once, such as after a crash, so `run` must be idempotent.
   * @throws {GrandstandError} if taking a job fails for a reason that a retry does not change, such as a
   * wrong API key
   */
  work<T>(queue: string, run: (payload: T, job: Job) => unknown, options?: WorkOptions): Promise<void>;
}

/** Null if Grandstand can't serve the call at the moment. The worker then tries again later. */
const unlessBusy = nullOn("unavailable", "rate_limited");

export function createJobs(client: ServerClient): Jobs {
  return {
    add: (queue, payload, options = {}) => client.job.add({ ...options, queue, payload }),
    async work(queue, run, { signal, concurrency = 1, leaseMs = 30_000, pollMs = 1_000 } = {}) {
      const workOne = async () => {
        while (!signal?.aborted) {
          const token = newKey();
          const sentAt = performance.now();
          const taken = await unlessBusy(client.job.take({ queue, token, leaseMs }));
          const job = taken?.jobs[0];
          if (job) await carryOut(client, { queue, job: job.job, token, leaseMs, sentAt }, job, run);
          else await pause(Math.min(pollMs, Math.max(20, taken?.nextMs ?? pollMs)), signal).catch(() => {});
        }
      };
      await Promise.all(Array.from({ length: concurrency }, workOne));
    },
  };
}

async function carryOut<T>(
  client: ServerClient,
  {
    leaseMs,
    sentAt,
    ...lease
  }: { queue: string; job: string; token: string; leaseMs: number; sentAt: number },
  { job, payload, user, attempt }: OutputOf<"job.take">["jobs"][number],
  run: (payload: T, job: Job) => unknown,
): Promise<void> {
  const lost = new AbortController();
  const stopRenewing = keepLease(
    { ttlMs: leaseMs, sentAt },
    (timeoutMs) => client.job.extend({ ...lease, leaseMs }, { timeoutMs }),
    (cause) => {
      const issues = [{ path: "token", rule: "lost", message: "no longer has the job" }];
      lost.abort(new GrandstandError("conflict", `The lease of the job ${job} was lost`, { issues, cause }));
    },
  );
  // A failed report is ignored: the lease of the job then ends, and the job is tried again.
  const report = (call: Promise<unknown>) => call.catch(() => {});
  try {
    await run(payload as T, { id: job, user, attempt, signal: lost.signal });
    await report(client.job.complete(lease));
  } catch (error) {
    const reason = String((error as Error)?.message ?? error).slice(0, 500);
    await report(client.job.fail({ ...lease, reason }));
  } finally {
    stopRenewing();
  }
}
