import type { ChatMessage } from "@grandstand/shared/events/chat";
import { expect, it } from "vitest";
import { Outbox } from "./outbox.js";

function messageOf(offset: number, text: string): ChatMessage {
  return {
    id: `item-${offset}`,
    offset,
    user: null,
    text,
    metadata: null,
    replyTo: null,
    sentAt: "2025-01-01T00:00:00.000Z",
    editedAt: null,
    deleted: false,
    reactions: {},
    profile: null,
  };
}

it("knows the key of a message exactly as long as the list holds the message", () => {
  const outbox = new Outbox();
  const [one, two] = [messageOf(1, "one"), messageOf(2, "two")];
  const [first, second] = ["key1", "key2"] as const;
  outbox.add(first, { text: "one" }, null, null);
  outbox.acknowledge(first, one);
  outbox.add(second, { text: "two" }, null, null);
  // The first is on its way into the list, the second comes back before its acknowledgement.
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
