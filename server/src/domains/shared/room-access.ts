import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatVisibility } from "@grandstand/shared/operations/chat";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";

/**
 * The error for a room that the caller may not see. A private room, a room that bans the caller, and a room that does not
 * exist have the same text, so that the caller can't find out which of them it is.
 */
export function roomForbidden(): GrandstandError {
  return new GrandstandError("forbidden", "You may not see this room");
}

/**
 * The visibility of a room that was never configured.
 * @param openRooms whether such rooms are public. If not, they are open only to servers and to users whose credentials give
 * rights on the room. Direct rooms are not affected
 */
export function visibilityOf(room: string, openRooms: boolean): ChatVisibility | "closed" {
  if (isDirect(room)) return "direct";
  return openRooms ? "public" : "closed";
}

/** The role that a caller's credentials give in a room, for room-access.lua; "" for none. */
export type GrantedRole = "visitor" | "moderator" | "";

/** @param kind whether the credentials must give rights on `chat:<room>` or on `presence:<room>` */
export function grantedRole(caller: Caller, kind: "chat" | "presence", room: string): GrantedRole {
  const granted = grantsOf(caller, `${kind}:${room}`);
  if (granted.has("moderate")) return "moderator";
  return granted.has("subscribe") || granted.has("publish") ? "visitor" : "";
}

/** Whether this is the direct room of two other users, and the caller's credentials give no role in it. */
export function isOutsider(caller: Caller, kind: "chat" | "presence", room: string): boolean {
  if (caller.kind !== "user" || isOneOfTheTwo(room, caller.user.id)) return false;
  return grantedRole(caller, kind, room) === "";
}

/** @throws {GrandstandError} `forbidden` when `isOutsider` is true */
export function checkNoOutsider(caller: Caller, kind: "chat" | "presence", room: string): void {
  if (isOutsider(caller, kind, room)) throw roomForbidden();
}

/** Whether a user is one of the two users of a direct room. True for every other kind of room. */
export function isOneOfTheTwo(room: string, user: string): boolean {
  return !isDirect(room) || (directUsersOf(room)?.includes(user) ?? false);
}

/** The argument with which scripts identify a caller: the user's id, or "" for an app's server. */
export function subjectOf(caller: Caller): string {
  return caller.kind === "user" ? caller.user.id : "";
}
