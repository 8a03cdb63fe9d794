import { Queue } from "bullmq";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshPrefix } from "../../test/support/names.js";
import { connectTestRedis, type TestRedis } from "../../test/support/redis-client.js";
import { jobsOf, retryJobs } from "./stored-jobs.js";

let redis: TestRedis;
let queue: Queue;

beforeAll(async () => {
  redis = await connectTestRedis();
  queue = new Queue("jobs", { connection: redis.jobs, prefix: `{${freshPrefix()}}` });
});

afterAll(async () => {
  await queue.obliterate({ force: true });
  await queue.close();
  await redis.close();
});

it("a page of the jobs of several states has at most `limit` jobs, and each job is on one page", async () => {
  const delays = [0, 0, 0, 60_000, 60_000, 60_000, 60_000];
  const added = await queue.addBulk(delays.map((delay) => ({ name: "job", data: {}, opts: { delay } })));
  const pages: string[][] = [];
  for (let first = 0; first < delays.length; first += 2) {
    const jobs = await jobsOf(queue, ["waiting", "active", "delayed"], first, 2, true);
    pages.push(jobs.map((job) => job.id!));
  }
  expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
  expect(pages.flat()).toEqual(added.map((job) => job.id));
});

it("failed jobs are retried although one was removed while BullMQ read the list", async () => {
  const { failed } = queue.keys;
  await redis.jobs.zadd(failed!, 1, "removed");
  const getJobs = queue.getJobs.bind(queue);
  // BullMQ returns undefined for a job that was removed before BullMQ read it.
  queue.getJobs = async (...range) => [...(await getJobs(...range)), undefined as never];
  expect(await retryJobs(queue, null, ["failed"], 10)).toEqual({ retried: 0, unknown: [] });
  queue.getJobs = getJobs;
  await redis.jobs.zrem(failed!, "removed");
});
