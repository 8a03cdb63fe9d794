import type { RunOptions } from "./benchmark.js";

export interface InTurns<Sample> {
  ours: Sample[];
  theirs: Sample[];
}

/**
 * Measures two sides in turns (A B A B ...), so that other load on the machine affects both. The first `warmUps`
 * turns of each side do not count; they warm up compilers and caches.
 */
export async function inTurns<Sample>(
  { maxRounds }: Pick<RunOptions, "maxRounds">,
  { rounds, warmUps }: { rounds: number; warmUps: number },
  ours: () => Promise<Sample>,
  theirs: () => Promise<Sample>,
): Promise<InTurns<Sample>> {
  const samples: InTurns<Sample> = { ours: [], theirs: [] };
  const turns = warmUps + Math.min(rounds, maxRounds);
  for (let turn = 0; turn < turns; turn += 1) {
    const [one, other] = [await ours(), await theirs()];
    if (turn < warmUps) continue;
    samples.ours.push(one);
    samples.theirs.push(other);
  }
  return samples;
}
