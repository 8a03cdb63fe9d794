import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatVisibility } from "@grandstand/shared/operations/chat";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";

/** The same text for a private room, a room that bans the caller, and a room that does not exist. */
export function roomForbidden(): GrandstandError {
  return new GrandstandError("forbidden", "You may not see this room");
}

/**
 * The visibility of a room that was never configured.
 * @param openRooms whether such rooms are public; otherwise only servers have access to them
 */
export function visibilityOf(room: string, openRooms: boolean): ChatVisibility | "closed" {
  if (isDirect(room)) return "direct";
  return openRooms ? "public" : "closed";
}

/** The role that a caller's credentials give in a room, for room-access.lua; "" for none. */
export type GrantedRole = "visitor" | "moderator" | "";

/** @param kind the channel of the room that the credentials must name */
export function grantedRole(caller: Caller, kind: "chat" | "presence", room: string): GrantedRole {
  const granted = grantsOf(caller, `${kind}:${room}`);
  if (granted.has("moderate")) return "moderator";
  return granted.has("subscribe") || granted.has("publish") ? "visitor" : "";
}

/** Whether this is the direct room of two other users, and the caller's credentials don't open it. */
export function isOutsider(caller: Caller, kind: "chat" | "presence", room: string): boolean {
  if (caller.kind !== "user" || isOneOfTheTwo(room, caller.user.id)) return false;
  return grantedRole(caller, kind, room) === "";
}

/** @throws {GrandstandError} `forbidden` for the direct room of two other users */
export function checkNoOutsider(caller: Caller, kind: "chat" | "presence", room: string): void {
  if (isOutsider(caller, kind, room)) throw roomForbidden();
}

/** Whether a user is named by a direct room. True for every other room. */
export function isOneOfTheTwo(room: string, user: string): boolean {
  return !isDirect(room) || (directUsersOf(room)?.includes(user) ?? false);
}

/** How scripts know a caller: by the user's id, or "" for an app's server. */
export function subjectOf(caller: Caller): string {
  return caller.kind === "user" ? caller.user.id : "";
}
