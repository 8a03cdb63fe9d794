import type { Entry } from "@grandstand/sdk";
import { displayName } from "../shell/display-name.js";

/** A user as the page knows it. */
export interface Named {
  id: string;
  profile: Entry["profile"];
}

const TAG_LENGTH = 4;

/** The names that several users have, in lower case. */
export function sharedNames(users: Iterable<Named>): ReadonlySet<string> {
  const owners = new Map<string, string>();
  const shared = new Set<string>();
  for (const { id, profile } of users) {
    const name = keyOf(displayName(profile, id));
    const owner = owners.get(name) ?? id;
    owners.set(name, owner);
    if (owner !== id) shared.add(name);
  }
  return shared;
}

/** The name of a user. A name that others have too is followed by the end of the id: `Ada (3f2a)`. */
export function distinctName({ id, profile }: Named, shared: ReadonlySet<string>): string {
  const name = displayName(profile, id);
  return shared.has(keyOf(name)) && name !== id ? `${name} (${id.slice(-TAG_LENGTH)})` : name;
}

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}
