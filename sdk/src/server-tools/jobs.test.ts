import { GrandstandError } from "@grandstand/shared/errors";
import { expect, it } from "vitest";
import type { ServerClient } from "../server.js";
import { createJobs, type Job } from "./jobs.js";

it("a worker whose signal is aborted while it looks for jobs ends without a further wait", async () => {
  const controller = new AbortController();
  const take = async () => {
    controller.abort();
    return { jobs: [], nextMs: null };
  };
  const jobs = createJobs({ job: { take } } as unknown as ServerClient);
  const startedAt = performance.now();
  await jobs.work("mails", () => {}, { signal: controller.signal, pollMs: 5_000 });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

it("OP14: a job whose lease can't be renewed in time gets a signal", async () => {
  const end = new AbortController();
  const unavailable = async () => {
    throw new GrandstandError("unavailable", "Redis is away");
  };
  const record = { job: "j", payload: null, user: null, attempt: 1 };
  const client = {
    job: {
      take: async () => ({ jobs: [record], nextMs: null }),
      extend: unavailable,
      complete: unavailable,
    },
  };
  let reason: unknown;
  const run = async (_: unknown, { signal }: Job) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reason = signal.reason;
    end.abort();
  };
  await createJobs(client as unknown as ServerClient).work("mails", run, {
    signal: end.signal,
    leaseMs: 300,
  });
  expect(reason).toMatchObject({ code: "conflict", issues: [{ path: "token", rule: "lost" }] });
});
