import type { Entry } from "@grandstand/sdk";

/** The name that the page shows for a user: the profile's name, or the user's id if there is no profile. */
export function displayName(profile: Entry["profile"], id: string): string {
  return profile?.name ?? id;
}
