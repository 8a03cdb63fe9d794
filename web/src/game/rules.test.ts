import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advance,
  course,
  LIT_MS,
  litSeat,
  missCost,
  multiplier,
  openingRound,
  placeOf,
  ROUND_MS,
  type Round,
  scoreMax,
  seatCount,
  speedPoints,
  strike,
} from "./rules.js";

const darkSeat = (round: Round) => (litSeat(round) + 1) % seatCount;

describe("the course", () => {
  it("consists of hops of 2 to 4 seats, including the hop from its end to its start", () => {
    course.forEach((seat, index) => {
      const from = placeOf(seat);
      const to = placeOf(course[(index + 1) % course.length] as number);
      const length = Math.hypot(from.row - to.row, from.column - to.column);
      expect(length).toBeGreaterThanOrEqual(2);
      expect(length).toBeLessThanOrEqual(4);
    });
  });

  it("visits every seat", () => {
    expect(new Set(course).size).toBe(seatCount);
  });
});

describe("a hit", () => {
  it("is worth more the faster it is, between 1,000 and 200", () => {
    expect([0, 250, 725, LIT_MS].map(speedPoints)).toEqual([1_000, 1_000, 600, 200]);
  });

  it("lights the next seat of the course at the same moment", () => {
    const round = strike(openingRound, litSeat(openingRound), 400);
    expect(round).toMatchObject({ step: 1, litAtMs: 400, hits: 1, streak: 1, fastestMs: 400 });
    expect(litSeat(round)).toBe(course[1]);
  });

  it("is multiplied by the streak before it, up to double", () => {
    expect([0, 1, 5, 10, 40].map(multiplier)).toEqual([1, 1.1, 1.5, 2, 2]);
    const first = strike(openingRound, litSeat(openingRound), 250);
    const second = strike(first, litSeat(first), 500);
    expect(second.score).toBe(1_000 + 1_100);
  });
});

describe("a miss", () => {
  it("costs points and the streak, and leaves the lit seat lit", () => {
    const scored = strike(openingRound, litSeat(openingRound), 250);
    const missed = strike(scored, darkSeat(scored), 300);
    expect(missed).toMatchObject({ score: 1_000 - missCost, streak: 0, bestStreak: 1, misses: 1, step: 1 });
  });

  it("never takes the score below zero", () => {
    expect(strike(openingRound, darkSeat(openingRound), 10).score).toBe(0);
  });
});

describe("the clock", () => {
  it("darkens a seat that was not hit, and ends the streak", () => {
    const scored = strike(openingRound, litSeat(openingRound), 250);
    expect(advance(scored, 250 + LIT_MS - 1)).toBe(scored);
    expect(advance(scored, 250 + LIT_MS)).toMatchObject({
      step: 2,
      litAtMs: 250 + LIT_MS,
      streak: 0,
      score: 1_000,
    });
  });

  it("counts a strike that comes after its seat went dark as a miss", () => {
    expect(strike(openingRound, litSeat(openingRound), LIT_MS)).toMatchObject({
      hits: 0,
      misses: 1,
      step: 1,
    });
  });

  it("darkens the same seats after many ticks as after one", () => {
    let ticked = openingRound;
    for (let at = 0; at <= ROUND_MS; at += 16) ticked = advance(ticked, at);
    expect(advance(openingRound, ROUND_MS)).toEqual(ticked);
  });

  it("ignores strikes and ticks after ten seconds", () => {
    const over = advance(openingRound, ROUND_MS);
    expect(strike(over, litSeat(over), ROUND_MS)).toEqual(over);
    expect(advance(over, ROUND_MS * 2)).toEqual(over);
  });
});

it("a round has an integer score that the board accepts, and equal strikes make equal rounds", () => {
  const strikes = fc.array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 1_500 }),
      seat: fc.integer({ min: -1, max: seatCount - 1 }),
    }),
    { maxLength: 200 },
  );
  const play = (moves: { gapMs: number; seat: number }[]) => {
    let atMs = 0;
    return moves.reduce((round, move) => {
      atMs += move.gapMs;
      return strike(round, move.seat < 0 ? litSeat(round) : move.seat, atMs);
    }, openingRound);
  };
  fc.assert(
    fc.property(strikes, (moves) => {
      const round = play(moves);
      expect(Number.isInteger(round.score)).toBe(true);
      expect(round.score).toBeGreaterThanOrEqual(0);
      expect(round.score).toBeLessThanOrEqual(scoreMax);
      expect(play(moves)).toEqual(round);
    }),
  );
});
