import { hashOf } from "../shell/hash.js";

/** A stand of so many columns and rows. */
export interface Block {
  columns: number;
  rows: number;
}

/** From a village ground to a cup final: the seats grow smaller, the stand keeps its size. */
const blocks: readonly Block[] = [
  { columns: 10, rows: 3 },
  { columns: 16, rows: 4 },
  { columns: 20, rows: 6 },
  { columns: 28, rows: 9 },
];

/** Above this share the next larger stand is taken, so that a few seats stay free to come to. */
const FULL = 0.85;

/** The stand for so many people; the largest for all who don't fit. */
export function blockFor(people: number): Block {
  return blocks.find(({ columns, rows }) => people <= columns * rows * FULL) ?? (blocks.at(-1) as Block);
}

/**
 * Who sits where: seat by seat a user, null for somebody unnamed, or undefined for nobody. Everybody has a seat of their
 * own, told by their id, or takes the next free one. So hardly anybody moves when others come and go.
 */
export function seated({ columns, rows }: Block, users: readonly string[], people: number) {
  const seats = new Array<string | null | undefined>(columns * rows).fill(undefined);
  const sit = (wish: number, user: string | null) => {
    for (let step = 0; step < seats.length; step += 1) {
      const seat = (wish + step) % seats.length;
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
