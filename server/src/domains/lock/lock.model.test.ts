import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import { lockModule } from "./module.js";

let fixture: DomainFixture;

beforeAll(async () => {
  fixture = await domainFixture();
});

afterAll(() => fixture.redis.close());

const owner = fc.nat(2);
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom("acquire", "renew", "release"), owner }),
  fc.constant({ kind: "expire", owner: 0 }),
  fc.constant({ kind: "forget", owner: 0 }),
);

it("OP14: a lock has at most one owner, and each owner's fencing number is larger than all earlier ones", async () => {
  const { operations } = lockModule(fixture.dependencies);
  const ttlMs = 60_000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const lock = freshId("lock");
      const keys = fixture.keys.lock(lock);
      /** The last token of each caller. */
      const tokens = ["x".repeat(22), "y".repeat(22), "z".repeat(22)];
      let holder: string | null = null;
      let highest = 0;
      for (const { kind, owner } of steps) {
        const token = tokens[owner]!;
        if (kind === "acquire") {
          const answer = await operations["lock.acquire"]({ lock, ttlMs }, serverCall);
          expect(answer.acquired).toBe(holder === null);
          if (answer.acquired) {
            expect(answer.fence).toBeGreaterThan(highest);
            highest = answer.fence!;
            tokens[owner] = answer.token!;
            holder = answer.token;
          }
        } else if (kind === "renew") {
          const answer = operations["lock.renew"]({ lock, token, ttlMs }, serverCall);
          if (holder === token) expect(await answer).toEqual({ remainingMs: ttlMs });
          else await expect(answer).rejects.toMatchObject({ code: "conflict", issues: [{ rule: "lost" }] });
        } else if (kind === "release") {
          const isHolder = holder === token;
          expect(await operations["lock.release"]({ lock, token }, serverCall)).toEqual({
            released: isHolder,
          });
          if (isHolder) holder = null;
        } else {
          // "expire": the lock's TTL ends. "forget": Redis also loses the last fencing number.
          await fixture.redis.commands.del(keys.owner);
          if (kind === "forget") await fixture.redis.commands.del(keys.fence);
          holder = null;
        }
        const { held, fence } = await operations["lock.get"]({ lock }, serverCall);
        expect({ held, fence }).toEqual({ held: holder !== null, fence: holder === null ? null : highest });
      }
    }),
    { numRuns: 40 },
  );
});

it("OP14, T9: a repeated acquire gets the token of the first, and how long the lock is still held", async () => {
  const { operations } = lockModule(fixture.dependencies);
  const input = { lock: freshId("lock"), ttlMs: 60_000 };
  const call = { ...serverCall, idempotency: idempotencyOf("test", "lock.acquire", "once", input) };
  const first = await operations["lock.acquire"](input, call);
  expect(first).toMatchObject({ acquired: true, remainingMs: 60_000 });

  const { owner } = fixture.keys.lock(input.lock);
  await fixture.redis.commands.pexpire(owner, 30_000);
  const { remainingMs, ...repeated } = await operations["lock.acquire"](input, call);
  expect({ remainingMs: 60_000, ...repeated }).toEqual(first);
  expect(remainingMs).toBeGreaterThan(20_000);
  expect(remainingMs).toBeLessThanOrEqual(30_000);

  // The lock expires, and another caller acquires it.
  await fixture.redis.commands.del(owner);
  await operations["lock.acquire"](input, serverCall);
  expect(await operations["lock.acquire"](input, call)).toEqual({ ...first, remainingMs: 0 });
});

it("OP14, T9: a repeated renewal sets no TTL, and gets how long the lock is still held", async () => {
  const { operations } = lockModule(fixture.dependencies);
  const lock = freshId("lock");
  const { token } = await operations["lock.acquire"]({ lock, ttlMs: 60_000 }, serverCall);
  const input = { lock, token: token!, ttlMs: 50_000 };
  const call = { ...serverCall, idempotency: idempotencyOf("test", "lock.renew", "once", input) };
  expect(await operations["lock.renew"](input, call)).toEqual({ remainingMs: 50_000 });

  const { owner } = fixture.keys.lock(lock);
  await fixture.redis.commands.pexpire(owner, 30_000);
  const { remainingMs } = await operations["lock.renew"](input, call);
  expect(remainingMs).toBeGreaterThan(20_000);
  expect(remainingMs).toBeLessThanOrEqual(30_000);

  await operations["lock.release"]({ lock, token: token! }, serverCall);
  expect(await operations["lock.renew"](input, call)).toEqual({ remainingMs: 0 });
});
