/**
 * The rules of the game, without rendering or timers. A round lasts ten seconds. Seats light up one after
 * the other on a course that is the same for every player. All times are milliseconds since the round began.
 */

export const rowCount = 4;
export const columnCount = 7;
export const seatCount = rowCount * columnCount;

export const ROUND_MS = 10_000;
/** How long a seat stays lit if the player does not hit it. */
export const LIT_MS = 1_200;
export const missCost = 150;
/** The demo's board refuses scores above this: about 33 hits in a row, of 0.3 s each. */
export const scoreMax = 60_000;

const FULL_POINTS_MS = 250;
const pointsMost = 1_000;
const pointsLeast = 200;
export const streakForDouble = 10;

export interface Seat {
  row: number;
  column: number;
}

export type Outcome =
  | { kind: "hit"; seat: number; points: number; reactionMs: number }
  | { kind: "miss"; seat: number; points: number }
  | { kind: "late"; seat: number };

export interface Round {
  /** How many seats of the course have been lit and are dark again. */
  step: number;
  litAtMs: number;
  score: number;
  streak: number;
  bestStreak: number;
  hits: number;
  misses: number;
  fastestMs: number | null;
  /** The result of each strike and each seat that went dark, oldest first. */
  outcomes: readonly Outcome[];
}

export const openingRound: Round = {
  step: 0,
  litAtMs: 0,
  score: 0,
  streak: 0,
  bestStreak: 0,
  hits: 0,
  misses: 0,
  fastestMs: null,
  outcomes: [],
};

export function placeOf(seat: number): Seat {
  return { row: Math.floor(seat / columnCount), column: seat % columnCount };
}

/** The seat that is lit. */
export function litSeat(round: Round): number {
  return course[round.step % course.length] as number;
}

/** The points of a hit without the multiplier: the maximum up to 250 ms, then falling linearly to the minimum. */
export function speedPoints(reactionMs: number): number {
  const slowness = (reactionMs - FULL_POINTS_MS) / (LIT_MS - FULL_POINTS_MS);
  const share = 1 - Math.min(1, Math.max(0, slowness));
  return Math.round(pointsLeast + (pointsMost - pointsLeast) * share);
}

/** The factor for the next hit: 1, plus 0.1 for each hit of the streak, up to 2. */
export function multiplier(streak: number): number {
  return 1 + Math.min(streak, streakForDouble) / streakForDouble;
}

/** Advances the time. Each seat that was lit for too long goes dark and ends the streak. */
export function advance(round: Round, atMs: number): Round {
  let now = round;
  while (now.litAtMs + LIT_MS <= Math.min(atMs, ROUND_MS - 1)) {
    now = {
      ...now,
      step: now.step + 1,
      litAtMs: now.litAtMs + LIT_MS,
      streak: 0,
      outcomes: [...now.outcomes, { kind: "late", seat: litSeat(now) }],
    };
  }
  return now;
}

/** Applies a strike at a seat. A strike after the end of the round has no effect. */
export function strike(before: Round, seat: number, atMs: number): Round {
  const round = advance(before, atMs);
  if (atMs >= ROUND_MS) return round;
  return seat === litSeat(round) ? hit(round, seat, atMs) : miss(round, seat);
}

function hit(round: Round, seat: number, atMs: number): Round {
  const reactionMs = Math.max(0, atMs - round.litAtMs);
  const points = Math.round(speedPoints(reactionMs) * multiplier(round.streak));
  const streak = round.streak + 1;
  return {
    ...round,
    step: round.step + 1,
    litAtMs: atMs,
    score: Math.min(scoreMax, round.score + points),
    streak,
    bestStreak: Math.max(round.bestStreak, streak),
    hits: round.hits + 1,
    fastestMs: Math.min(round.fastestMs ?? reactionMs, reactionMs),
    outcomes: [...round.outcomes, { kind: "hit", seat, points, reactionMs }],
  };
}

function miss(round: Round, seat: number): Round {
  return {
    ...round,
    score: Math.max(0, round.score - missCost),
    streak: 0,
    misses: round.misses + 1,
    outcomes: [...round.outcomes, { kind: "miss", seat, points: -missCost }],
  };
}

/**
 * Builds a course that can repeat without a break. Each hop, also the one from the last seat back to the first, is 2 to 4
 * seats long. It goes to one of the least visited seats in reach.
 * Ties are broken by a linear congruential generator (constants from Numerical Recipes) with a fixed seed.
 */
function layCourse(length: number): number[] {
  let random = 1962;
  const next = (below: number) => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  const visits = new Array<number>(seatCount).fill(0);
  const seats: number[] = [];
  while (seats.length < length) {
    const from = seats.at(-1);
    const back = seats.length === length - 1 ? seats[0] : undefined;
    const inReach = visits
      .map((_, seat) => seat)
      .filter((seat) => isFairHop(from, seat) && isFairHop(back, seat))
      .sort((a, b) => (visits[a] as number) - (visits[b] as number));
    const fresh = inReach.filter((seat) => visits[seat] === visits[inReach[0] as number]);
    const seat = fresh[next(fresh.length)] as number;
    visits[seat] = (visits[seat] as number) + 1;
    seats.push(seat);
  }
  return seats;
}

function isFairHop(from: number | undefined, to: number): boolean {
  if (from === undefined) return true;
  const a = placeOf(from);
  const b = placeOf(to);
  const length = Math.hypot(a.row - b.row, a.column - b.column);
  return length >= 2 && length <= 4;
}

export const course: readonly number[] = layCourse(60);
