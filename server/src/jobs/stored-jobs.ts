import type { Job, JobType, Queue } from "bullmq";
import type { JobState, QueueCounts, Retried } from "../domains/admin/jobs.js";

/** The states of BullMQ for each state that operators see. A prioritized job, for example, is shown as waiting. */
export const statesOf: Record<JobState, readonly JobType[]> = {
  waiting: ["waiting", "prioritized"],
  active: ["active"],
  delayed: ["delayed"],
  failed: ["failed"],
};

export async function countsOf(queue: Queue): Promise<Omit<QueueCounts, "name">> {
  const counts = await queue.getJobCounts(...Object.values(statesOf).flat());
  const sum = (state: JobState) => statesOf[state].reduce((total, name) => total + (counts[name] ?? 0), 0);
  return {
    waiting: sum("waiting"),
    active: sum("active"),
    delayed: sum("delayed"),
    failed: sum("failed"),
  };
}

/**
 * A page of jobs: first all jobs of the first state, then those of the next state.
 * @param isAscending whether the oldest job of each state comes first
 */
export async function jobsOf<Data>(
  queue: Queue<Data>,
  states: readonly JobType[],
  first: number,
  limit: number,
  isAscending: boolean,
): Promise<Job<Data>[]> {
  const counts = await queue.getJobCounts(...states);
  const page: Job<Data>[] = [];
  let skipped = first;
  for (const state of states) {
    const count = counts[state] ?? 0;
    if (skipped < count && page.length < limit) {
      const last = skipped + limit - page.length - 1;
      const jobs = (await queue.getJobs([state], skipped, last, isAscending)) as Job<Data>[];
      // BullMQ reads the ids first and then the jobs, so a job that was removed in between is undefined.
      page.push(...jobs.filter(Boolean));
    }
    skipped = Math.max(0, skipped - count);
  }
  return page;
}

/**
 * Makes finished jobs wait again, with the full number of attempts.
 * @param ids null for the oldest failed jobs, at most `limit`
 * @param states the finished states that are retried
 */
export async function retryJobs(
  queue: Queue,
  ids: readonly string[] | null,
  states: readonly ("failed" | "completed")[],
  limit: number,
): Promise<Retried> {
  const chosen = ids ?? (await jobsOf(queue, ["failed"], 0, limit, true)).map((job) => job.id!);
  const results = await Promise.all(chosen.map((id) => retryJob(queue, id, states)));
  return {
    retried: results.filter(Boolean).length,
    unknown: ids === null ? [] : chosen.filter((_, at) => !results[at]),
  };
}

async function retryJob(
  queue: Queue,
  id: string,
  states: readonly ("failed" | "completed")[],
): Promise<boolean> {
  const job = await queue.getJob(id);
  const current = await job?.getState();
  const state = states.find((one) => one === current);
  if (job === undefined || state === undefined) return false;
  try {
    await job.retry(state, { resetAttemptsMade: true });
    return true;
  } catch {
    // Another call has retried or removed the job in the meantime.
    return false;
  }
}
