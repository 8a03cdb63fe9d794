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
  /** Aborted when another worker may have the job: the work has to stop. */
  readonly signal: AbortSignal;
}

export interface WorkOptions {
  /** Ends the work. Jobs under way are carried out to their end. */
  signal?: AbortSignal;
  /** How many jobs are carried out at a time. 1 when not given. */
  concurrency?: number;
  /** How long a job outlives a worker that dies until another one takes it, in ms. 30,000 when not given. */
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
   * Carries out the jobs of a queue until the signal ends it. A job whose `run` returns is done; one whose `run` throws is
   * tried again later. A job can be carried out twice, so `run` has to bear that.
   * @throws {GrandstandError} when jobs can't be taken for a reason that does not pass, such as a wrong API key
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
          else await pause(Math.min(pollMs, Math.max(20, taken?.nextMs ?? pollMs)), signal).catch(() => {});
        }
      };
      await Promise.all(Array.from({ length: concurrency }, workOne));
    },
  };
}

async function carryOut<T>(
  client: ServerClient,
  { leaseMs, ...held }: { queue: string; job: string; token: string; leaseMs: number },
  { job, payload, user, attempt }: OutputOf<"job.take">["jobs"][number],
  run: (payload: T, job: Job) => unknown,
): Promise<void> {
  const lost = new AbortController();
  const renewals = setInterval(() => {
    client.job.extend({ ...held, leaseMs }, { timeoutMs: leaseMs / 3 }).catch((error) => {
      if (error instanceof GrandstandError && error.code === "conflict") lost.abort(error);
    });
  }, leaseMs / 3);
  // When the answer does not arrive, the lease ends, and the job is tried again.
  const tell = (answer: Promise<unknown>) => answer.catch(() => {});
  try {
    await run(payload as T, { id: job, user, attempt, signal: lost.signal });
    await tell(client.job.complete(held));
  } catch (error) {
    const reason = String((error as Error)?.message ?? error).slice(0, 500);
    await tell(client.job.fail({ ...held, reason }));
  } finally {
    clearInterval(renewals);
  }
}

/** Null when Grandstand can't be reached: a worker waits for it. */
async function reached<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GrandstandError && ["unavailable", "rate_limited"].includes(error.code)) return null;
    throw error;
  }
}
