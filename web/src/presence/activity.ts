import type { PresenceMember } from "@grandstand/sdk";

/** What a member is doing, in display order. */
export const activities = ["playing", "writing", "watching", "away"] as const;
export type Activity = (typeof activities)[number];

/** The activity in a member's presence state. Clients set the state, so an unknown value counts as watching. */
export function activityOf({ state }: Pick<PresenceMember, "state">): Activity {
  return activities.find((activity) => activity === state?.doing) ?? "watching";
}

/** Sorts the user first, then the others by activity, then by the order of arrival. */
export function sortedForDisplay(
  members: readonly PresenceMember[],
  userId: string,
): readonly PresenceMember[] {
  const place = (member: PresenceMember) =>
    member.user === userId ? -1 : activities.indexOf(activityOf(member));
  return members.toSorted((one, other) => place(one) - place(other));
}

/** The number of members per activity. */
export function tallyOf(members: readonly PresenceMember[]): ReadonlyMap<Activity, number> {
  const tally = new Map<Activity, number>(activities.map((activity) => [activity, 0]));
  for (const member of members) {
    const activity = activityOf(member);
    tally.set(activity, (tally.get(activity) ?? 0) + 1);
  }
  return tally;
}
