import type { PresenceMember } from "@grandstand/sdk";

/** How somebody is shown: by name where a profile gives one, else by id. */
export function nameOf({ profile, user }: Pick<PresenceMember, "profile" | "user">): string {
  return profile?.name ?? user;
}
