import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatVisibility } from "@grandstand/shared/operations/chat";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";

/** The same words for a room that is private, that one is banned from, and that there is not. */
export function roomForbidden(): GrandstandError {
  return new GrandstandError("forbidden", "You may not see this room");
}

/**
 * Who may see a room that was never configured.
 * @param openRooms whether such rooms are public; else nobody but servers may see them
 */
export function visibilityOf(room: string, openRooms: boolean): ChatVisibility | "closed" {
  if (isDirect(room)) return "direct";
  return openRooms ? "public" : "closed";
}

/** What a caller's credentials make of it in a room, as room-access.lua knows it; "" for nothing. */
export type GrantedRole = "visitor" | "moderator" | "";

/** @param kind the channel of the room's that they speak of */
export function grantedRole(caller: Caller, kind: "chat" | "presence", room: string): GrantedRole {
  const granted = grantsOf(caller, `${kind}:${room}`);
  if (granted.has("moderate")) return "moderator";
  return granted.has("subscribe") || granted.has("publish") ? "visitor" : "";
}

/** Whether this is the direct room of two others, and nothing else opens it to the caller. */
export function isOutsider(caller: Caller, kind: "chat" | "presence", room: string): boolean {
  if (caller.kind !== "user" || isOneOfTheTwo(room, caller.user.id)) return false;
  return grantedRole(caller, kind, room) === "";
}

/** @throws {GrandstandError} `forbidden` for the direct room of two others. */
export function checkNoOutsider(caller: Caller, kind: "chat" | "presence", room: string): void {
  if (isOutsider(caller, kind, room)) throw roomForbidden();
}

/** Whether a user is one of those in the name of a direct room; any other room has no such. */
export function isOneOfTheTwo(room: string, user: string): boolean {
  return !isDirect(room) || (directUsersOf(room)?.includes(user) ?? false);
}

/** How scripts know a caller: by the id of the user; an app's server is "". */
export function subjectOf(caller: Caller): string {
  return caller.kind === "user" ? caller.user.id : "";
}
