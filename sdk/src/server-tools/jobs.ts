import { GrandstandError } from "@grandstand/shared/errors";
import { newKey } from "../idempotency-key.js";
import { pause } from "../pause.js";
import type { InputOf, OutputOf, ServerClient } from "../server.js";

export type JobOptions = Omit<InputOf<"job.add">, "queue" | "payload">;

export interface Job {
  /** The id of the job in its queue. */
  readonly id: string;
  readonly user: string | null;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * Aborted when the server says that this worker has lost the lease of the job. Another worker may run the job
   * then, so `run` has to stop.
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
   * Runs the jobs of a queue until the signal is aborted. If `run` throws, the job is tried again later, until it
   * has used up its attempts. A job may run more than once, such as after a crash, so `run` must be idempotent.
   * @throws {GrandstandError} if taking a job fails for a reason that a retry does not change, such as a
   * wrong API key
   */
  work<T>(queue: string, run: (payload: T, job: Job) => unknown, options?: WorkOptions): Promise<void>;
}

export function createJobs(client: ServerClient): Jobs {
  return {
    add: (queue, payload, options = {}) => client.job.add({ ...options, queue, payload }),
    async work(queue, run, { signal, concurrency = 1, leaseMs = 30_000, pollMs = 1_000 } = {}) {
      const workOne = async () => {
        while (!signal?.aborted) {
          const token = newKey();
          const taken = await reached(client.job.take({ queue, token, leaseMs }));
          const job = taken?.jobs[0];
          if (job) await carryOut(client, { queue, job: job.job, token, leaseMs }, job, run);
          else if (!signal?.aborted)
            await pause(Math.min(pollMs, Math.max(20, taken?.nextMs ?? pollMs)), signal).catch(() => {});
        }
      };
      await Promise.all(Array.from({ length: concurrency }, workOne));
    },
  };
}

async function carryOut<T>(
  client: ServerClient,
  { leaseMs, ...lease }: { queue: string; job: string; token: string; leaseMs: number },
  { job, payload, user, attempt }: OutputOf<"job.take">["jobs"][number],
  run: (payload: T, job: Job) => unknown,
): Promise<void> {
  const lost = new AbortController();
  const renewals = setInterval(() => {
    client.job.extend({ ...lease, leaseMs }, { timeoutMs: leaseMs / 3 }).catch((error) => {
      if (error instanceof GrandstandError && error.code === "conflict") lost.abort(error);
    });
  }, leaseMs / 3);
  // A failed report is ignored: the lease of the job then ends, and the job is tried again.
  const report = (call: Promise<unknown>) => call.catch(() => {});
  try {
    await run(payload as T, { id: job, user, attempt, signal: lost.signal });
    await report(client.job.complete(lease));
  } catch (error) {
    const reason = String((error as Error)?.message ?? error).slice(0, 500);
    await report(client.job.fail({ ...lease, reason }));
  } finally {
    clearInterval(renewals);
  }
}

/** Resolves to null if Grandstand can't be reached or limits the rate. The worker then tries again later. */
async function reached<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof GrandstandError && ["unavailable", "rate_limited"].includes(error.code)) return null;
    throw error;
  }
}
