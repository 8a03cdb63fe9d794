/** The distance of each row from the top of the list, in pixels, by member. */
export type Places = ReadonlyMap<string, number>;

export type Motion =
  /** The row starts `distancePx` below its new place, or above it if `distancePx` is negative. */
  { kind: "move"; member: string; distancePx: number } | { kind: "appear"; member: string };

/** The animations that a change of the list needs. Rows of a list that was empty get no animation. */
export function motionsOf(before: Places, after: Places): Motion[] {
  if (before.size === 0) return [];
  const motions: Motion[] = [];
  for (const [member, to] of after) {
    const from = before.get(member);
    if (from === undefined) motions.push({ kind: "appear", member });
    else if (from !== to) motions.push({ kind: "move", member, distancePx: from - to });
  }
  return motions;
}
