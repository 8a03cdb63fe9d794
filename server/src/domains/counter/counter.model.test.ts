import type { GrandstandError } from "@grandstand/shared/errors";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CounterModel, type ModelRules } from "../../../test/support/counter-model.js";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import { idempotencyOf } from "../../redis/idempotency.js";
import { counterHandlers } from "./handlers.js";

let fixture: DomainFixture;
let counters: ReturnType<typeof counterHandlers>;

beforeAll(async () => {
  fixture = await domainFixture();
  counters = counterHandlers(fixture.dependencies);
});

afterAll(() => fixture.redis.close());

/** Mostly values near the bounds and thresholds, and some of the whole range of exact integers. */
const whole = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
);

interface Addition {
  writer: "server" | "user";
  by: number;
  /** The idempotency key. There are few different ones, so that repeats are common. */
  key?: string;
}

const addition: fc.Arbitrary<Addition> = fc.record(
  {
    writer: fc.constantFrom<Addition["writer"][]>("server", "server", "user"),
    by: whole,
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  },
  { requiredKeys: ["writer", "by"] },
);

const rules: fc.Arbitrary<ModelRules> = fc.record(
  {
    min: fc.constantFrom(-5, 0, 2),
    max: fc.constantFrom(2, 6, 1_000),
    add: fc.constantFrom<ModelRules["add"][]>("anyone", "anyone", "server"),
    thresholds: fc.uniqueArray(fc.integer({ min: -3, max: 8 }), { maxLength: 4 }),
  },
  { requiredKeys: ["add", "thresholds"] },
);

type Step =
  | { do: "add"; additions: Addition[] }
  | { do: "set"; value: number }
  | { do: "configure"; rules: ModelRules }
  | { do: "reset" | "delete" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("add" as const),
      additions: fc.array(addition, { minLength: 1, maxLength: 30 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("set" as const), value: whole }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("configure" as const), rules }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("reset" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const) }) },
);

/** 25 counters with 20 steps each. In most steps, up to 30 adds run at the same time. A failure prints its seed. */
it("CN1, CN2, T9: a counter behaves like its model, and concurrent adds take effect in the order of the calls", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 20 }), async (steps) => {
      const counter = freshId("counter");
      const model = new CounterModel();
      for (const step of steps) {
        await takeStep(counter, step, model);
        await compare(counter, model);
      }
    }),
    { numRuns: 25, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  );
});

function callOf({ writer, by, key }: Addition, counter: string): Call {
  const caller: Call["caller"] =
    writer === "server"
      ? serverCall.caller
      : { kind: "user", user: { id: "u", name: null, avatar: null, isGuest: true } };
  const idempotency = key === undefined ? null : idempotencyOf(writer, "counter.add", key, { counter, by });
  return { ...serverCall, caller, idempotency };
}

/** The outcome of a call: what `pick` returns for its answer, or the rule or error code with which it was refused. */
async function outcome<T>(call: Promise<T>, pick: (answer: T) => unknown): Promise<unknown> {
  try {
    return pick(await call);
  } catch (error) {
    const { code, issues } = error as GrandstandError;
    return issues?.[0]?.rule ?? code;
  }
}

async function takeStep(counter: string, step: Step, model: CounterModel): Promise<void> {
  switch (step.do) {
    case "add": {
      const outcomes = await Promise.all(
        step.additions.map((one) =>
          outcome(
            counters["counter.add"]({ counter, by: one.by }, callOf(one, counter)),
            ({ value }) => value,
          ),
        ),
      );
      expect(outcomes).toEqual(step.additions.map(({ writer, by, key }) => model.add(writer, by, key)));
      break;
    }
    case "set": {
      const previous = await outcome(
        counters["counter.set"]({ counter, value: step.value }, serverCall),
        (answer) => answer.previous,
      );
      expect(previous).toBe(model.set(step.value));
      break;
    }
    case "configure": {
      const input = { counter, kind: "total" as const, series: [], min: null, max: null, ...step.rules };
      const refusal = await outcome(counters["counter.configure"](input, serverCall), () => null);
      expect(refusal).toBe(model.configure(step.rules));
      break;
    }
    case "reset":
      expect(await counters["counter.reset"]({ counter }, serverCall)).toEqual({ previous: model.reset() });
      break;
    case "delete": {
      const deleted = await outcome(counters["counter.delete"]({ counter }, serverCall), () => true);
      expect(deleted).toBe(model.delete() || "not_found");
      break;
    }
  }
}

async function compare(counter: string, model: CounterModel): Promise<void> {
  const found = await counters["counter.get"]({ counter }, serverCall);
  expect(found).toMatchObject({
    value: model.value,
    min: model.rules.min ?? null,
    max: model.rules.max ?? null,
    add: model.rules.add,
  });
  const thresholds = found.thresholds.map(({ at, crossedAt }) => ({ at, isCrossed: crossedAt !== null }));
  expect(thresholds).toEqual(model.thresholds);
}
