import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import type { Profile } from "@grandstand/shared/user";

type Shown = { readonly profile: Profile | null; readonly user?: string | null; readonly member?: string };

/**
 * Returns a copy of `shown` with the changed profile. Returns `shown` itself if it shows another user or already has the
 * profile.
 */
export function withProfile<T extends Shown>(shown: T, { user, profile }: ProfileUpdated): T {
  if ((shown.user ?? shown.member) !== user || isSame(shown.profile, profile)) return shown;
  return { ...shown, profile };
}

/** Replaces the profile in each object that shows the user. Returns the same list if nothing changes. */
export function withProfiles<T extends Shown>(list: readonly T[], change: ProfileUpdated): readonly T[] {
  const after = list.map((shown) => withProfile(shown, change));
  return after.some((shown, at) => shown !== list[at]) ? after : list;
}

function isSame(one: Profile | null, other: Profile | null): boolean {
  return one?.name === other?.name && one?.avatar === other?.avatar;
}
