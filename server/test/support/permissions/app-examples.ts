import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example } from "./example.js";

const token = "loader-1";

/** Examples of calls that only servers may make: on caches, locks, jobs and limits. The calls refer to no channel. */
export const appExamples: Example[] = [
  ofServers("cache.get", async ({ server }) => {
    const entry = { cache: freshId("cache"), key: "k" };
    dataOf(await server.call("cache.put", { ...entry, value: 1, ttlMs: 60_000 }));
    return entry;
  }),
  ofServers("cache.take", async () => ({ cache: freshId("cache"), key: "k", token })),
  ofServers("cache.put", async () => ({ cache: freshId("cache"), key: "k", value: [1], ttlMs: 1_000 })),
  ofServers("cache.release", async () => ({ cache: freshId("cache"), key: "k", token })),
  ofServers("cache.delete", async () => ({ cache: freshId("cache"), key: "k" })),
  ofServers("cache.invalidate", async () => ({ cache: freshId("cache"), tags: ["t"] })),
  ofServers("lock.acquire", async () => ({ lock: freshId("lock"), ttlMs: 1_000 })),
  ...["renew", "release"].map((name) =>
    ofServers(`lock.${name}`, async ({ server }) => {
      const lock = freshId("lock");
      const { token } = dataOf(await server.call("lock.acquire", { lock, ttlMs: 60_000 }));
      return { lock, token, ...(name === "renew" && { ttlMs: 1_000 }) };
    }),
  ),
  ofServers("lock.get", async () => ({ lock: freshId("lock") })),
  ofServers("job.add", async () => ({ queue: freshId("queue"), payload: { n: 1 } })),
  ofServers("job.take", async () => ({ queue: freshId("queue"), token })),
  ...["extend", "complete", "fail"].map((name) =>
    ofServers(`job.${name}`, async ({ server }) => {
      const queue = freshId("queue");
      const { job } = dataOf(await server.call("job.add", { queue, payload: 1 }));
      dataOf(await server.call("job.take", { queue, token, leaseMs: 60_000 }));
      return { queue, job, token, ...(name === "extend" && { leaseMs: 1_000 }) };
    }),
  ),
  ofServers("job.queues", async () => ({ prefix: "none-" })),
  ofServers("job.list", async () => ({ queue: freshId("queue") })),
  ofServers("job.retry", async () => ({ queue: freshId("queue"), job: "j" })),
  ofServers("job.remove", async () => ({ queue: freshId("queue"), job: "j" })),
  ofServers("limit.check", async () => ({ limit: freshId("limit"), key: "ann", points: 1, windowMs: 1_000 })),
];

function ofServers(
  operation: string,
  inputFor: (preparing: Parameters<Example["prepare"]>[0]) => Promise<object>,
): Example {
  return {
    operation,
    users: "may not",
    prepare: async (preparing) => ({ input: await inputFor(preparing), channels: [] }),
  };
}
