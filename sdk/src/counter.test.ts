import { afterEach, beforeEach, expect, it } from "vitest";
import type { Client } from "./client.js";
import { TestNode } from "./testing/test-node.js";

let node: TestNode;
let client: Client;

beforeEach(async () => {
  node = await TestNode.start();
  client = node.connect();
});
afterEach(() => node.stop());

it("T9 each method calls the operation of its name, and each write has an idempotency key", async () => {
  const likes = client.counter("likes");
  const answers: [string, object, () => Promise<unknown>, unknown][] = [
    ["get", { value: 3 }, () => likes.get(), { value: 3 }],
    ["configure", { value: 0 }, () => likes.configure({ max: 5 }), { value: 0 }],
    ["delete", { deleted: true }, () => likes.delete(), undefined],
    ["add", { value: 4, applied: true }, () => likes.add(), { value: 4, applied: true }],
    ["set", { value: 9, previous: 4 }, () => likes.set(9), { value: 9, previous: 4 }],
    ["reset", { previous: 9 }, () => likes.reset(), 9],
    ["visit", { unique: 1, counted: true }, () => likes.visit("ann"), { unique: 1, counted: true }],
    ["series", { points: [1] }, () => likes.series({ interval: "day", last: 1 }), [1]],
    ["getMany", { counters: [1] }, () => client.counters.getMany(["likes"]), [1]],
    ["trending", { counters: [2] }, () => client.counters.trending({ prefix: "a" }), [2]],
    [
      "list",
      { counters: [], nextCursor: null },
      () => client.counters.list(),
      { counters: [], nextCursor: null },
    ],
  ];
  for (const [name, answer, call, expected] of answers) {
    node.reply(`counter.${name}`, () => answer);
    expect(await call()).toEqual(expected);
  }
  const key = expect.stringMatching(/^[0-9a-f]{32}$/);
  expect(node.requests.map(({ operation, input }) => [operation, input])).toEqual([
    ["counter.get", { counter: "likes" }],
    ["counter.configure", { counter: "likes", max: 5, idempotencyKey: key }],
    ["counter.delete", { counter: "likes", idempotencyKey: key }],
    ["counter.add", { counter: "likes", by: 1, idempotencyKey: key }],
    ["counter.set", { counter: "likes", value: 9, idempotencyKey: key }],
    ["counter.reset", { counter: "likes", idempotencyKey: key }],
    ["counter.visit", { counter: "likes", visitor: "ann", idempotencyKey: key }],
    ["counter.series", { counter: "likes", interval: "day", last: 1 }],
    ["counter.getMany", { counters: ["likes"] }],
    ["counter.trending", { prefix: "a" }],
    ["counter.list", {}],
  ]);
});
