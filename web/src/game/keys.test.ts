import { expect, it } from "vitest";
import { codeOf, seatBeside, seatOfCode, usLabelOf } from "./keys.js";
import { seatCount } from "./rules.js";

it("gives every seat a key of its own", () => {
  const seats = Array.from({ length: seatCount }, (_, seat) => seat);
  expect(seats.map((seat) => seatOfCode(codeOf(seat)))).toEqual(seats);
});

it("maps other keys to no seat", () => {
  expect(["Space", "Enter", "Digit8", "KeyI", ""].map(seatOfCode)).toEqual([null, null, null, null, null]);
});

it("labels keys as a US keyboard does", () => {
  expect([0, 7, 14, 21, 27].map(usLabelOf)).toEqual(["1", "Q", "A", "Z", "M"]);
});

it("moves between seats by arrow keys and stops at the edges", () => {
  expect(seatBeside(8, "ArrowUp")).toBe(1);
  expect(seatBeside(8, "ArrowDown")).toBe(15);
  expect(seatBeside(8, "ArrowLeft")).toBe(7);
  expect(seatBeside(8, "ArrowRight")).toBe(9);
  expect([seatBeside(0, "ArrowUp"), seatBeside(0, "ArrowLeft")]).toEqual([0, 0]);
  expect([seatBeside(27, "ArrowDown"), seatBeside(27, "ArrowRight")]).toEqual([27, 27]);
  expect(seatBeside(8, "a")).toBeNull();
});
