import type { PresenceMember } from "@grandstand/sdk";

/** What somebody does here, in the order in which they are shown. */
export const doings = ["playing", "writing", "watching", "away"] as const;
export type Doing = (typeof doings)[number];

/** What a member shows of itself. The state is what its client made of it, so anything may be in it. */
export function doingOf({ state }: Pick<PresenceMember, "state">): Doing {
  return doings.find((doing) => doing === state?.doing) ?? "watching";
}

/** Oneself first, then by what they do, then in the order in which they came. */
export function inOrder(members: readonly PresenceMember[], userId: string): readonly PresenceMember[] {
  const place = (member: PresenceMember) => (member.user === userId ? -1 : doings.indexOf(doingOf(member)));
  return members.toSorted((one, other) => place(one) - place(other));
}

/** How many do what. */
export function tallyOf(members: readonly PresenceMember[]): ReadonlyMap<Doing, number> {
  const tally = new Map<Doing, number>(doings.map((doing) => [doing, 0]));
  for (const member of members) {
    const doing = doingOf(member);
    tally.set(doing, (tally.get(doing) ?? 0) + 1);
  }
  return tally;
}
