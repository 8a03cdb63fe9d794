import { expect, it } from "vitest";
import { chatMessage } from "../../testing/chat-message.js";
import { Outbox } from "./outbox.js";

it("the outbox returns the idempotency key of a sent message until the list no longer contains the message", () => {
  const outbox = new Outbox();
  const [one, two] = [chatMessage(1, { text: "one" }), chatMessage(2, { text: "two" })];
  const [first, second] = ["key1", "key2"] as const;
  outbox.add(first, { text: "one" }, null, null);
  outbox.acknowledge(first, one);
  outbox.add(second, { text: "two" }, null, null);
  // The first message is acknowledged before it is published, the second one is published before it is
  // acknowledged.
  outbox.pending([]);
  expect(outbox.keyOf(one)).toBe(first);
  outbox.pending([one, two]);
  outbox.acknowledge(second, two);
  outbox.pending([one, two]);
  expect([one, two].map((message) => outbox.keyOf(message))).toEqual([first, second]);
  expect(outbox.size).toBe(0);
  outbox.pending([two]);
  expect([one, two].map((message) => outbox.keyOf(message))).toEqual([one.id, second]);
  outbox.pending([]);
  expect(outbox.keyOf(two)).toBe(two.id);
});
