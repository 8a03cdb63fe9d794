export interface Score {
  member: string;
  score: number;
}

/** Mulberry32, a small pseudo-random generator: the same seed gives the same numbers in every process. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Generates random scores below a million, each for a random one of `members` members. */
export function scoresFrom(seed: number, members: number): () => Score {
  const random = generator(seed);
  return () => ({
    member: `player-${Math.floor(random() * members)}`,
    score: Math.floor(random() * 1_000_000),
  });
}

/** One score per member, so that a board has all members from the start. */
export function firstScores(members: number): Score[] {
  const random = generator(0);
  return Array.from({ length: members }, (_, at) => ({
    member: `player-${at}`,
    score: Math.floor(random() * 1_000_000),
  }));
}

export function batchOf(next: () => Score, size: number): Score[] {
  return Array.from({ length: size }, next);
}
