import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { Caller } from "../../core/caller.js";
import { RoomStore } from "./store.js";
import { type SubscriptionStart, SubscriptionStarts } from "./subscription-starts.js";

let fixture: ChatFixture;
let room: string;
let starts: SubscriptionStarts;

beforeAll(async () => {
  fixture = await chatFixture();
});

afterAll(() => fixture.redis.close());

beforeEach(() => begin(freshId("room")));

function begin(id: string): void {
  room = id;
  starts = new SubscriptionStarts(new RoomStore(fixture.dependencies, room));
}

async function send(text: string): Promise<void> {
  await fixture.chat["chat.send"]({ room, text }, serverCall);
}

function caller(user: string): Caller {
  return userCall(user).caller;
}

function offsetsIn({ part }: SubscriptionStart): number[] {
  return "publications" in part ? part.publications.map(({ offset }) => offset) : [];
}

async function scriptRuns(run: () => Promise<void>): Promise<number> {
  const lines = await monitor(fixture.redis.commands, run);
  return lines.filter((line) => line.includes(room) && /"eval(sha)?"/i.test(line)).length;
}

it("CH2: 1,000 concurrent subscriptions to a room run one script for each 250 of them", async () => {
  await send("one");
  const runs = await scriptRuns(async () => {
    const all = Array.from({ length: 1_000 }, (_, at) => starts.read(caller(`user-${at}`), undefined, 5));
    for (const { part } of await Promise.all(all)) {
      expect(part).toMatchObject({ position: { offset: 1 }, snapshot: { messages: [{ text: "one" }] } });
    }
  });
  expect(runs).toBe(4);
});

it("CH4: concurrent subscriptions share a run of the script only if they resume from the same position", async () => {
  for (let at = 1; at <= 5; at += 1) await send(`m${at}`);
  const { end } = await starts.read(serverCall.caller, undefined, 5);
  const from = (offset: number, epoch = end.epoch) => ({ epoch, offset });
  const runs = await scriptRuns(async () => {
    const [one, other, later, foreign, forked, fresh] = await Promise.all([
      starts.read(caller("ann"), from(2), 5),
      starts.read(caller("bo"), from(2), 5),
      starts.read(caller("cy"), from(4), 5),
      starts.read(caller("di"), from(2, "another"), 5),
      starts.read(caller("ed"), { ...from(2), id: "another" }, 5),
      starts.read(caller("flo"), undefined, 1),
    ]);
    expect(offsetsIn(one)).toEqual([3, 4, 5]);
    expect(offsetsIn(other)).toEqual([3, 4, 5]);
    expect(offsetsIn(later)).toEqual([5]);
    expect(foreign.part).toMatchObject({ reason: "epoch" });
    expect(forked.part).toMatchObject({ reason: "forked" });
    expect(fresh.part).toMatchObject({ snapshot: { messages: [{ text: "m5" }], hasMore: true } });
  });
  expect(runs).toBe(5);
});

it("CT6: the access of each concurrent subscriber is checked separately", async () => {
  await send("one");
  await fixture.chat["chat.moderate"]({ room, user: "banned", action: "ban" }, serverCall);
  const outcomes = await Promise.allSettled(
    [caller("ann"), caller("banned"), serverCall.caller, caller("bo")].map((one) =>
      starts.read(one, undefined, 5),
    ),
  );
  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: { code: "forbidden" } },
    { status: "fulfilled" },
    { status: "fulfilled" },
  ]);
  await expect(starts.read(caller("banned"), undefined, 5)).rejects.toMatchObject({ code: "forbidden" });
});

it("CT6: a third user is refused a direct room even if one of its two users subscribes at the same time", async () => {
  begin("dm:ann:bo");
  const outcomes = await Promise.allSettled(
    [caller("ann"), caller("cy")].map((one) => starts.read(one, undefined, 5)),
  );
  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { status: "rejected", reason: { code: "forbidden" } },
  ]);
});
