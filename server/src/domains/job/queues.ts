import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import { findIds, literally } from "../shared/key-search.js";
import { listScript } from "./scripts.js";
import { QueueStore, type Stores } from "./store.js";

type Counts = OutputOf<"job.list">["counts"];

/** Finds the queues whose ids begin with a prefix, by a scan of the keys in Redis. Counts each queue's jobs by state. */
export async function searchQueues(
  stores: Stores,
  { prefix = "", ...page }: ParsedInputOf<"job.queues">,
): Promise<OutputOf<"job.queues">> {
  const { redis, keys } = stores;
  const pattern = keys.queueKeys(literally(prefix));
  const { ids, nextCursor } = await findIds(redis, pattern, (key) => keys.queueOfKey(key), page);
  const queues = await Promise.all(
    ids.map(async (queue) => {
      const reply = await new QueueStore(stores, queue).run(listScript, {
        state: "failed",
        offset: 0,
        limit: 0,
      });
      return { queue, counts: countsOf(reply) };
    }),
  );
  return { queues, nextCursor };
}

export function countsOf(reply: Record<keyof Counts, string>): Counts {
  return {
    waiting: Number(reply.waiting),
    delayed: Number(reply.delayed),
    taken: Number(reply.taken),
    failed: Number(reply.failed),
  };
}
