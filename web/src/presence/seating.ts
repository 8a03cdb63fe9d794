import { hashOf } from "../shell/hash.js";

/** The size of a stand in seats. */
export interface Block {
  columns: number;
  rows: number;
}

/**
 * The sizes of the stand. The more seats a stand has, the smaller they are drawn: every stand takes up the same space.
 */
const blocks: readonly Block[] = [
  { columns: 10, rows: 3 },
  { columns: 16, rows: 4 },
  { columns: 20, rows: 6 },
  { columns: 28, rows: 9 },
];

/**
 * The highest share of taken seats. Above it, the next larger stand is used, so that some seats stay free.
 */
const FULL = 0.85;

/** The smallest stand that fits so many people, else the largest one. */
export function blockFor(people: number): Block {
  return blocks.find(({ columns, rows }) => people <= columns * rows * FULL) ?? (blocks.at(-1) as Block);
}

/**
 * Assigns seats. Each seat has a user's id, null for a person without a name, or undefined if it is free.
 * The hash of the id picks the seat. If that seat is taken, the next free seat is used. Most people keep their seats when
 * others come and go.
 */
export function assignSeats({ columns, rows }: Block, users: readonly string[], people: number) {
  const seats = new Array<string | null | undefined>(columns * rows).fill(undefined);
  const sit = (preferred: number, user: string | null) => {
    for (let step = 0; step < seats.length; step += 1) {
      const seat = (preferred + step) % seats.length;
      if (seats[seat] !== undefined) continue;
      seats[seat] = user;
      return;
    }
  };
  for (const user of users.slice(0, seats.length)) sit(hashOf(user) % seats.length, user);
  const unnamed = Math.min(people, seats.length) - Math.min(users.length, seats.length);
  for (let place = 0; place < unnamed; place += 1) sit(hashOf(`unnamed ${place}`) % seats.length, null);
  return seats;
}
