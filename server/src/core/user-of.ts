import { GrandstandError } from "@grandstand/shared/errors";
import type { Profile, User } from "@grandstand/shared/user";
import type { Caller } from "./caller.js";

/**
 * The user who calls.
 * @param deed what only users can do, for the error: `can be in a room`
 * @throws {GrandstandError} `forbidden` when the caller is a server
 */
export function userOf(caller: Caller, deed: string): User {
  if (caller.kind === "user") return caller.user;
  throw new GrandstandError("forbidden", `Only users ${deed}`);
}

/** How other users see the caller. */
export function profileOf(caller: Caller): Profile | null {
  if (caller.kind !== "user" || caller.user.name === null) return null;
  return { name: caller.user.name, avatar: caller.user.avatar };
}
