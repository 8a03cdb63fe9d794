/** Where each row of a list lies, by member, in pixels from the list's top. */
export type Places = ReadonlyMap<string, number>;

export type Motion =
  /** From `distancePx` below its place (above, where negative). */
  { kind: "move"; member: string; distancePx: number } | { kind: "appear"; member: string };

/** What the rows of a list have to do when it changes. The first rows of all are simply there. */
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
