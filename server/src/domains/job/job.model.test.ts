import type { OutputOf } from "@grandstand/shared/contract";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import { jobModule } from "./module.js";

let fixture: DomainFixture;

beforeAll(async () => {
  fixture = await domainFixture();
});

afterAll(() => fixture.redis.close());

const tokens = ["worker-one", "worker-two"];
const ids = ["a", "b", "c"];
const rules = { delayMs: 0, attempts: 2, backoffMs: 0 };
const HOUR = 3_600_000;

type State = "waiting" | "taken" | "failed";

const step = fc.record({
  kind: fc.constantFrom("add", "take", "complete", "fail", "retry", "remove", "die"),
  job: fc.constantFrom(...ids),
  token: fc.constantFrom(...tokens),
});

/** Sets the end of every lease to a time in the past, as if all workers had died. */
async function endLeases(queue: string): Promise<void> {
  const { taken } = fixture.keys.jobQueue(queue);
  for (const job of await fixture.redis.commands.zrange(taken, "0", "-1")) {
    await fixture.redis.commands.zadd(taken, 1, job);
  }
}

it("OP14: a job is waiting, taken by one worker, or failed, until it is completed or removed", async () => {
  const { operations } = jobModule(fixture.dependencies);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const queue = freshId("queue");
      const jobs = new Map<string, { state: State; token: string; attempt: number }>();
      for (const { kind, job, token } of steps) {
        const known = jobs.get(job);
        const isHeld = known?.state === "taken" && known.token === token;
        const held = { queue, job, token };
        if (kind === "add") {
          const { added } = await operations["job.add"](
            { queue, job, payload: { job }, ...rules },
            serverCall,
          );
          expect(added).toBe(known === undefined || known.state === "failed");
          if (added) jobs.set(job, { state: "waiting", token: "", attempt: 0 });
        } else if (kind === "take") {
          const before = [...jobs].filter(([, { state, token: of }]) => state === "taken" && of === token);
          const taken = await operations["job.take"]({ queue, token, limit: 1, leaseMs: HOUR }, serverCall);
          // A take with a token that already has jobs gets these again; any other take gets one of the waiting jobs.
          const may = before.length > 0 ? before : [...jobs].filter(([, { state }]) => state === "waiting");
          expect(taken.jobs).toHaveLength(may.length === 0 ? 0 : Math.max(1, before.length));
          for (const { job: id, attempt, payload } of taken.jobs) {
            expect(may.map(([name]) => name)).toContain(id);
            const record = jobs.get(id)!;
            if (before.length === 0) jobs.set(id, { state: "taken", token, attempt: record.attempt + 1 });
            expect([attempt, payload]).toEqual([jobs.get(id)!.attempt, { job: id }]);
          }
        } else if (kind === "complete") {
          const { completed } = await operations["job.complete"](held, serverCall);
          expect(completed).toBe(isHeld);
          if (completed) jobs.delete(job);
        } else if (kind === "fail") {
          const answer = operations["job.fail"]({ ...held, reason: "no", retry: true }, serverCall);
          if (!isHeld) {
            await expect(answer).rejects.toMatchObject({ code: "conflict", issues: [{ rule: "lost" }] });
            continue;
          }
          const isLast = known.attempt === rules.attempts;
          expect(await answer).toEqual({ state: isLast ? "failed" : "delayed", retryInMs: 0 });
          jobs.set(job, { ...known, state: isLast ? "failed" : "waiting" });
        } else if (kind === "retry") {
          const { retried } = await operations["job.retry"]({ queue, job }, serverCall);
          expect(retried).toBe(known?.state === "failed");
          if (retried) jobs.set(job, { state: "waiting", token: "", attempt: 0 });
        } else if (kind === "remove") {
          const { removed } = await operations["job.remove"]({ queue, job }, serverCall);
          expect(removed).toBe(known !== undefined);
          jobs.delete(job);
        } else {
          await endLeases(queue);
          // Every take first moves the jobs with an ended lease to the waiting or failed jobs. This take may then get a
          // waiting job. The test removes that job, so `worker-new` has no job in later steps.
          const own = { queue, token: "worker-new", limit: 1, leaseMs: HOUR };
          const taken = await operations["job.take"](own, serverCall);
          for (const [id, record] of jobs) {
            if (record.state !== "taken") continue;
            jobs.set(id, { ...record, state: record.attempt === rules.attempts ? "failed" : "waiting" });
          }
          for (const { job: id } of taken.jobs) {
            await operations["job.remove"]({ queue, job: id }, serverCall);
            jobs.delete(id);
          }
        }
        const { counts } = await operations["job.list"](
          { queue, state: "failed", offset: 0, limit: 16 },
          serverCall,
        );
        const count = (state: State) => [...jobs.values()].filter((of) => of.state === state).length;
        expect(counts).toEqual({
          waiting: count("waiting"),
          delayed: 0,
          taken: count("taken"),
          failed: count("failed"),
        });
      }
      for (const job of ids) await operations["job.remove"]({ queue, job }, serverCall);
      const { took, firstReply, ...keys } = fixture.keys.jobQueue(queue);
      expect(await fixture.redis.commands.exists(...Object.values(keys))).toBe(0);
    }),
    { numRuns: 40 },
  );
});

it("a job that failed because its lease ended expires together with the queue", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const queue = freshId("queue");
  const { failed, records } = fixture.keys.jobQueue(queue);
  const added = { queue, job: "j", payload: null, delayMs: 0, attempts: 1, backoffMs: 0 };
  await operations["job.add"](added, serverCall);
  const take = () =>
    operations["job.take"]({ queue, token: "worker-one", limit: 1, leaseMs: HOUR }, serverCall);
  await take();
  await endLeases(queue);
  expect((await take()).jobs).toEqual([]);
  const ttls = [failed, records].map((key) => fixture.redis.commands.pttl(key));
  for (const ttl of await Promise.all(ttls)) expect(ttl).toBeGreaterThan(HOUR);
  await operations["job.remove"]({ queue, job: "j" }, serverCall);
});

it("OP14: the delay before the next attempt doubles, and a failed job keeps its last reason", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const queue = freshId("queue");
  const { due } = fixture.keys.jobQueue(queue);
  const added = { queue, job: "j", payload: null, delayMs: 0, attempts: 4, backoffMs: 60_000 };
  await operations["job.add"](added, serverCall);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await fixture.redis.commands.zadd(due, 1, "j");
    const token = `worker-${attempt}`;
    const { jobs } = await operations["job.take"]({ queue, token, limit: 16, leaseMs: HOUR }, serverCall);
    expect(jobs).toEqual([{ job: "j", payload: null, user: null, attempt, attempts: 4 }]);
    const held = { queue, job: "j", token, reason: `reason ${attempt}`, retry: true };
    waits.push((await operations["job.fail"](held, serverCall)).retryInMs);
  }
  expect(waits).toEqual([60_000, 120_000, 240_000, 0]);
  const { jobs } = await operations["job.list"]({ queue, state: "failed", offset: 0, limit: 1 }, serverCall);
  expect(jobs).toMatchObject([{ job: "j", attempt: 4, reason: "reason 4", at: expect.stringMatching(/Z$/) }]);
});

it("OP14: a take returns no delayed job, but the time until the job is due", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const queue = freshId("queue");
  const take = { queue, token: "worker-1", limit: 1, leaseMs: HOUR };
  expect(await operations["job.take"](take, serverCall)).toEqual({ jobs: [], nextMs: null });
  await operations["job.add"]({ queue, payload: 1, ...rules, delayMs: HOUR }, serverCall);
  const { jobs, nextMs } = await operations["job.take"](take, serverCall);
  expect(jobs).toEqual([]);
  expect(nextMs).toBeGreaterThan(HOUR / 2);
  expect(nextMs).toBeLessThanOrEqual(HOUR);
  const listed = await operations["job.list"]({ queue, state: "delayed", offset: 0, limit: 1 }, serverCall);
  expect(listed).toMatchObject({ counts: { waiting: 0, delayed: 1 }, jobs: [{ payload: 1, reason: null }] });
});

it("OP15: a search by prefix finds the queues that have jobs, with the number of jobs in each state", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const prefix = freshId("queue");
  const [late, failed, empty] = [`${prefix}.late`, `${prefix}.failed`, `${prefix}.empty`];
  await operations["job.add"]({ queue: late, payload: 1, ...rules, delayMs: HOUR }, serverCall);
  for (const queue of [failed, empty]) {
    await operations["job.add"]({ queue, job: "j", payload: 1, ...rules }, serverCall);
  }
  await operations["job.remove"]({ queue: empty, job: "j" }, serverCall);
  const token = "worker-1";
  await operations["job.take"]({ queue: failed, token, limit: 1, leaseMs: HOUR }, serverCall);
  await operations["job.fail"]({ queue: failed, job: "j", token, reason: "no", retry: false }, serverCall);
  const found = new Map<string, object>();
  for (let cursor: string | null = "0"; cursor !== null; ) {
    const page: OutputOf<"job.queues"> = await operations["job.queues"](
      { prefix, limit: 50, ...(cursor !== "0" && { cursor }) },
      serverCall,
    );
    for (const { queue, counts } of page.queues) found.set(queue, counts);
    cursor = page.nextCursor;
  }
  expect(Object.fromEntries(found)).toEqual({
    [late]: { waiting: 0, delayed: 1, taken: 0, failed: 0 },
    [failed]: { waiting: 0, delayed: 0, taken: 0, failed: 1 },
  });
});

it("OP14, T9: an add with the same idempotency key adds no second job, even after the first was removed", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const input = { queue: freshId("queue"), payload: [1], ...rules };
  const call = { ...serverCall, idempotency: idempotencyOf("test", "job.add", "once", input) };
  const first = await operations["job.add"](input, call);
  await operations["job.remove"]({ queue: input.queue, job: first.job }, serverCall);
  expect(await operations["job.add"](input, call)).toEqual(first);
  const { counts } = await operations["job.list"](
    { queue: input.queue, state: "waiting", offset: 0, limit: 1 },
    serverCall,
  );
  expect(counts).toEqual({ waiting: 0, delayed: 0, taken: 0, failed: 0 });
});

it("OP14, T9: a repeated extend extends nothing, and gets how long the worker still has the job", async () => {
  const { operations } = jobModule(fixture.dependencies);
  const queue = freshId("jobs");
  const token = tokens[0]!;
  await operations["job.add"]({ queue, job: "a", payload: {}, ...rules }, serverCall);
  await operations["job.take"]({ queue, token, limit: 1, leaseMs: 1000 }, serverCall);
  const input = { queue, job: "a", token, leaseMs: HOUR };
  const call = { ...serverCall, idempotency: idempotencyOf("test", "job.extend", "once", input) };
  expect(await operations["job.extend"](input, call)).toEqual({ remainingMs: HOUR });

  const { taken } = fixture.keys.jobQueue(queue);
  const leaseEnd = Number(await fixture.redis.commands.zscore(taken, "a"));
  await fixture.redis.commands.zadd(taken, leaseEnd - HOUR / 2, "a");
  const { remainingMs } = await operations["job.extend"](input, call);
  expect(remainingMs).toBeGreaterThan(HOUR / 3);
  expect(remainingMs).toBeLessThanOrEqual(HOUR / 2);

  await operations["job.complete"]({ queue, job: "a", token }, serverCall);
  expect(await operations["job.extend"](input, call)).toEqual({ remainingMs: 0 });
});
