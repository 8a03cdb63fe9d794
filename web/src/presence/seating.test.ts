import { expect, it } from "vitest";
import { assignSeats, blockFor } from "./seating.js";

const usersOf = (count: number) => Array.from({ length: count }, (_, at) => `user ${at}`);

it.each([0, 1, 5, 30, 120, 200, 5_000])(
  "gives each of %i people one seat, as far as there are seats",
  (people) => {
    const users = usersOf(Math.min(200, people));
    const block = blockFor(people);
    const seats = assignSeats(block, users, people);
    expect(seats).toHaveLength(block.columns * block.rows);
    const taken = seats.filter((seat) => seat !== undefined);
    expect(taken).toHaveLength(Math.min(people, seats.length));
    expect(new Set(taken.filter((seat) => seat !== null))).toEqual(new Set(users));
  },
);

it("changes only one seat when one person leaves", () => {
  const block = blockFor(20);
  const before = assignSeats(block, usersOf(20), 20);
  const after = assignSeats(block, usersOf(19), 19);
  expect(after.filter((user, seat) => user !== before[seat])).toHaveLength(1);
});
