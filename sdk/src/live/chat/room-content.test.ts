import type { Publication } from "@grandstand/shared/channels";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import { expect, it } from "vitest";
import { chatMessage } from "../../testing/chat-message.js";
import { applyItems, contentOf, letGoOldest, type RoomContent, withOlder } from "./room-content.js";

const epoch = "one";

/** The messages `from` to `to`. */
function messages(from: number, to: number): ChatMessage[] {
  return Array.from({ length: to - from + 1 }, (_, at) => chatMessage(from + at));
}

/** Appends `count` new messages. */
function receive(content: RoomContent, count: number): RoomContent {
  const { offset } = content.position;
  const items = messages(offset + 1, offset + count).map(
    (message): Publication => ({ offset: message.offset, event: "chat.message", data: message }),
  );
  return letGoOldest(applyItems(content, items)!);
}

function span({ messages, hasMore }: RoomContent) {
  return { from: messages[0]?.offset, to: messages.at(-1)?.offset, hasMore };
}

it("keeps the last 2,000 messages, and older messages until more than 2,000 items arrived after they were loaded", () => {
  const opened = contentOf({ messages: messages(1, 50), hasMore: false }, { epoch, offset: 50 });
  const long = receive(opened, 2_950);
  expect(span(long)).toEqual({ from: 1_001, to: 3_000, hasMore: true });
  const page = { messages: messages(951, 1_000), hasMore: true, position: long.position };
  const back = withOlder(long, page, []);
  expect(span(receive(back, 1))).toEqual({ from: 951, to: 3_001, hasMore: true });
  const bounded = receive(back, 2_000);
  expect(span(bounded)).toEqual({ from: 951, to: 5_000, hasMore: true });
  expect(span(receive(bounded, 1))).toEqual({ from: 3_002, to: 5_001, hasMore: true });
});

it("ignores a page of older messages from another epoch or of a room that no longer exists", () => {
  const opened = contentOf({ messages: messages(51, 60), hasMore: true }, { epoch, offset: 60 });
  const page = { messages: messages(1, 50), hasMore: false };
  expect(withOlder(opened, { ...page, position: { epoch: "two", offset: 60 } }, [])).toBe(opened);
  expect(withOlder(opened, { ...page, position: null }, [])).toBe(opened);
});

it("changes a page of older messages only by the publications after the position of the page", () => {
  const opened = contentOf({ messages: messages(51, 60), hasMore: true }, { epoch, offset: 60 });
  const edited = (offset: number, text: string): Publication => ({
    offset,
    event: "chat.edited",
    data: { id: `item-${offset}`, message: 1, text, metadata: null, editedAt: "2025-01-01T00:00:01.000Z" },
  });
  const page = { messages: messages(1, 50), hasMore: false, position: { epoch, offset: 61 } };
  expect(withOlder(opened, page, [edited(61, "before")]).messages[0]?.text).toBe("");
  expect(withOlder(opened, page, [edited(61, "before"), edited(62, "behind")]).messages[0]?.text).toBe(
    "behind",
  );
});
