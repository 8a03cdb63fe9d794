import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cap, tokenCall, userCall } from "../../../test/support/callers.js";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { counterHandlers } from "./handlers.js";

let fixture: DomainFixture;
let counters: ReturnType<typeof counterHandlers>;
let counter: string;

beforeAll(async () => {
  fixture = await domainFixture();
  counters = counterHandlers(fixture.dependencies);
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  counter = freshId("counter");
});

const forbidden = { code: "forbidden" };

async function configure(kind: "total" | "unique") {
  const rules = { kind, add: "server" as const, series: [], thresholds: [] };
  await counters["counter.configure"]({ counter, ...rules }, serverCall);
}

it("AU1: with the right to submit, a user can add to a counter whose rules let only servers add", async () => {
  await configure("total");
  const add = (call: typeof serverCall) => counters["counter.add"]({ counter, by: 2 }, call);
  // The four adds run in one batch. Each is allowed or refused by its own caller's rights.
  const [byUser, bySubmitter, byOther, byServer] = await Promise.allSettled([
    add(userCall("ann")),
    add(tokenCall("ann", { caps: [cap(`counter:${counter}`, "submit")] })),
    add(tokenCall("ann", { caps: [cap(`counter:${counter}`, "subscribe", "moderate")] })),
    add(serverCall),
  ]);
  expect(byUser).toMatchObject({ status: "rejected", reason: forbidden });
  expect(bySubmitter).toMatchObject({ value: { value: 2 } });
  expect(byOther).toMatchObject({ status: "rejected", reason: forbidden });
  expect(byServer).toMatchObject({ value: { value: 4 } });
});

it("AU1: with the right to submit, a user can count itself as a visitor, but no other user", async () => {
  await configure("unique");
  const call = tokenCall("ann", { caps: [cap("counter:*", "submit")] });
  expect(await counters["counter.visit"]({ counter }, call)).toEqual({ unique: 1, counted: true });
  const asBo = counters["counter.visit"]({ counter, visitor: "bo" }, call);
  await expect(asBo).rejects.toMatchObject({ ...forbidden, issues: [{ rule: "own" }] });
  await expect(counters["counter.visit"]({ counter }, userCall("bo"))).rejects.toMatchObject(forbidden);
});
