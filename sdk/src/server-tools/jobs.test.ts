import { expect, it } from "vitest";
import type { ServerClient } from "../server.js";
import { createJobs } from "./jobs.js";

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
