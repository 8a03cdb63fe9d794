import { type Erased, type ExportedPart, forEachInParallel } from "../shared/erasure.js";
import { inParts, jobOf, type TakenJob, VALUES_PER_JOB } from "./reply.js";
import { ofUserScript, removeScript } from "./scripts.js";
import { QueueStore, type Stores } from "./store.js";

/** How many keys one SCAN command examines in the search for queues. */
const KEYS_PER_STEP = 1_000;
const QUEUES_AT_ONCE = 20;
const JOBS_PER_RUN = 20;

/**
 * Removes the jobs that are about a user from all queues, in every state. There is no index of queues, so a scan of the
 * keys in Redis finds the queues.
 */
export async function eraseJobs(stores: Stores, user: string): Promise<Erased> {
  let jobs = 0;
  let cursor = "0";
  do {
    const found = await findQueues(stores, cursor);
    await forEachInParallel(found.queues, QUEUES_AT_ONCE, async (queue) => {
      const store = new QueueStore(stores, queue);
      for (let page = await jobsOf(store, user); page.length > 0; page = await jobsOf(store, user)) {
        await Promise.all(page.map(({ job }) => store.run(removeScript, { job })));
        jobs += page.length;
      }
    });
    cursor = found.nextCursor;
  } while (cursor !== "0");
  return { jobs };
}

export async function exportJobs(stores: Stores, user: string, cursor: string): Promise<ExportedPart> {
  const { queues, nextCursor } = await findQueues(stores, cursor === "" ? "0" : cursor);
  const lines: ExportedPart["lines"] = [];
  await forEachInParallel(queues, QUEUES_AT_ONCE, async (queue) => {
    const store = new QueueStore(stores, queue);
    let page: TakenJob[];
    let after = "";
    do {
      page = await jobsOf(store, user, after);
      lines.push(...page.map((job) => ({ kind: "job", queue, ...job })));
      after = page.at(-1)?.job ?? "";
    } while (page.length === JOBS_PER_RUN);
  });
  return { lines, nextCursor: nextCursor === "0" ? null : nextCursor };
}

async function findQueues({ redis, keys }: Stores, cursor: string) {
  const { keys: found, nextCursor } = await redis.scanKeys(keys.anyUserJobQueue, cursor, KEYS_PER_STEP);
  return { queues: found.map((key) => keys.queueOfKey(key)).filter((queue) => queue !== null), nextCursor };
}

/** @param after the last job of the page before; empty for the first page */
async function jobsOf(store: QueueStore, user: string, after = ""): Promise<TakenJob[]> {
  const args = { user: encodeURIComponent(user), after, limit: JOBS_PER_RUN };
  const { jobs } = await store.run(ofUserScript, args);
  return inParts(jobs, VALUES_PER_JOB).map(jobOf);
}
