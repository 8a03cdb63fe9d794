import { expect, it } from "vitest";
import { blockFor, seated } from "./seating.js";

const usersOf = (count: number) => Array.from({ length: count }, (_, at) => `user ${at}`);

it.each([0, 1, 5, 30, 120, 200, 5_000])(
  "seats %i people, each once, with seats to spare while they fit",
  (people) => {
    const users = usersOf(Math.min(200, people));
    const block = blockFor(people);
    const seats = seated(block, users, people);
    expect(seats).toHaveLength(block.columns * block.rows);
    const taken = seats.filter((seat) => seat !== undefined);
    expect(taken).toHaveLength(Math.min(people, seats.length));
    expect(new Set(taken.filter((seat) => seat !== null))).toEqual(new Set(users));
  },
);

it("keeps nearly everybody in their seat when one comes or goes", () => {
  const block = blockFor(20);
  const before = seated(block, usersOf(20), 20);
  const after = seated(block, usersOf(19), 19);
  expect(after.filter((user, seat) => user !== before[seat])).toHaveLength(1);
});
