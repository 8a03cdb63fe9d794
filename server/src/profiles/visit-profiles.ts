import type { Profile } from "@grandstand/shared/user";

/** The fields of replies and publications that contain objects with a user's profile, such as messages. */
const CONTAINERS = [
  "entry",
  "entries",
  "joined",
  "lastMessage",
  "me",
  "member",
  "members",
  "message",
  "messages",
  "rooms",
  "rows",
  "top",
  "updated",
] as const;

/** An entry, a member, a message or a typing event. */
type WithProfile = { profile: Profile | null; user?: string | null; member?: string };

/**
 * Visits each object with a user's profile in a reply or in the data of a publication. It does not search metadata and
 * state, because their content belongs to the app.
 * @param visit may replace `object.profile`
 */
export function visitProfiles(value: unknown, visit: (user: string, object: WithProfile) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) visitProfiles(element, visit);
  } else if ("profile" in value) {
    const object = value as WithProfile;
    const user = object.user ?? object.member;
    if (typeof user === "string") visit(user, object);
  } else {
    for (const name of CONTAINERS) {
      if (name in value) visitProfiles((value as Record<string, unknown>)[name], visit);
    }
  }
}
