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

type Shown = { profile: Profile | null; user?: string | null; member?: string };

/**
 * Visits each object with a user's profile in a reply or in the data of a publication: entries, members, messages, typing.
 * It does not search metadata and state, because their content belongs to the app.
 * @param visit may replace the profile
 */
export function visitHolders(value: unknown, visit: (user: string, holder: Shown) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) visitHolders(element, visit);
  } else if ("profile" in value) {
    const holder = value as Shown;
    const user = holder.user ?? holder.member;
    if (typeof user === "string") visit(user, holder);
  } else {
    for (const name of CONTAINERS) {
      if (name in value) visitHolders((value as Record<string, unknown>)[name], visit);
    }
  }
}
