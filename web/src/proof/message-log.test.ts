import type { ChatMessage } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { lostBetween } from "./message-log.js";

const log = (...offsets: number[]) => offsets.map((offset) => ({ id: `m${offset}`, offset }) as ChatMessage);

it("counts the messages that are missing afterwards", () => {
  expect(lostBetween(log(1, 2, 3), log(1, 2, 3, 4))).toBe(0);
  expect(lostBetween(log(1, 2, 3), log(1, 3, 4))).toBe(1);
});

it("counts no message as lost that the full log has dropped", () => {
  expect(lostBetween(log(1, 2, 3), log(2, 3, 4))).toBe(0);
});

it("counts every message as lost when the log is empty", () => {
  expect(lostBetween(log(1, 2), [])).toBe(2);
});
