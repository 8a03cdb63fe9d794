import { GrandstandError } from "@grandstand/shared/errors";
import type { Profile, User } from "@grandstand/shared/user";
import type { Caller } from "./caller.js";

/** @throws {GrandstandError} `forbidden` when the caller is an app's server: only users do this `deed`. */
export function userOf(caller: Caller, deed: string): User {
  if (caller.kind === "user") return caller.user;
  throw new GrandstandError("forbidden", `Only users ${deed}`);
}

/** How the caller is shown to others. */
export function profileOf(caller: Caller): Profile | null {
  if (caller.kind !== "user" || caller.user.name === null) return null;
  return { name: caller.user.name, avatar: caller.user.avatar };
}
