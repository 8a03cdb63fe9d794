import type { Entry } from "@grandstand/sdk";

/** How a member is shown: by name where a profile gives one, else by id. */
export function nameOf({ profile, member }: Pick<Entry, "profile" | "member">): string {
  return profile?.name ?? member;
}
