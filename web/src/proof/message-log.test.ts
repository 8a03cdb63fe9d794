import type { ChatMessage } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { lostBetween } from "./message-log.js";

const log = (...offsets: number[]) => offsets.map((offset) => ({ id: `m${offset}`, offset }) as ChatMessage);

it("counts a message as lost if the later log lacks it between two other messages", () => {
  expect(lostBetween(log(1, 2, 3), log(1, 2, 3, 4))).toBe(0);
  expect(lostBetween(log(1, 2, 3), log(1, 3, 4))).toBe(1);
});

it("does not count as lost a message that is older than the later log's first message", () => {
  expect(lostBetween(log(1, 2, 3), log(2, 3, 4))).toBe(0);
});

it("counts every message as lost when the later log is empty", () => {
  expect(lostBetween(log(1, 2), [])).toBe(2);
});
