export interface InTurns<Sample> {
  ours: Sample[];
  theirs: Sample[];
}

/**
 * Measures two contenders in turns, A B A B ..., so that what else happens on the machine meets both. Each
 * has `warmUps` turns first that don't count, where compilers and caches have to get warm.
 */
export async function inTurns<Sample>(
  { rounds, warmUps }: { rounds: number; warmUps: number },
  ours: () => Promise<Sample>,
  theirs: () => Promise<Sample>,
): Promise<InTurns<Sample>> {
  const samples: InTurns<Sample> = { ours: [], theirs: [] };
  for (let turn = 0; turn < warmUps + rounds; turn += 1) {
    const [one, other] = [await ours(), await theirs()];
    if (turn < warmUps) continue;
    samples.ours.push(one);
    samples.theirs.push(other);
  }
  return samples;
}
