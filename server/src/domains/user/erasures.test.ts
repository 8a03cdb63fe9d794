import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import type { Idempotency } from "../../redis/idempotency.js";
import { Erasures } from "./erasures.js";

let fixture: DomainFixture;

beforeAll(async () => {
  fixture = await domainFixture();
});

afterAll(async () => {
  await fixture.redis.close();
});

function idempotency(): Idempotency {
  return { scope: freshId("scope"), fingerprint: "erase" };
}

it("an erasure that takes long is reported as running before the call times out after 2.5 seconds", async () => {
  const erasures = new Erasures(fixture.dependencies, {});
  const startedAt = performance.now();
  expect(await erasures.erase(freshId("user"), null)).toMatchObject({ status: "running" });
  expect(performance.now() - startedAt).toBeLessThan(2_400);
});

it("a repeat schedules the erasure again if the first call failed before it had scheduled both runs", async () => {
  const scheduled: number[] = [];
  let isAway = true;
  const scheduleErasure = async (user: string, delayMs: number) => {
    if (isAway && delayMs > 0) throw new Error("away");
    scheduled.push(delayMs);
    if (delayMs > 0) await erasures.run(user);
  };
  const erasures = new Erasures({ ...fixture.dependencies, scheduleErasure }, {});
  const user = freshId("user");
  const key = idempotency();
  await expect(erasures.erase(user, key)).rejects.toThrow("away");
  isAway = false;
  expect(await erasures.erase(user, key)).toMatchObject({ status: "done" });
  expect(scheduled.filter((delayMs) => delayMs > 0)).toHaveLength(1);
  expect(await erasures.erase(user, key)).toMatchObject({ status: "done" });
  expect(scheduled.filter((delayMs) => delayMs > 0)).toHaveLength(1);
});
