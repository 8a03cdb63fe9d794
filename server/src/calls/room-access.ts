import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatVisibility } from "@grandstand/shared/operations/chat";
import type { Caller } from "./caller.js";

/** The same words for a room that is private, that one is banned from, and that there is not. */
export function hidden(): GrandstandError {
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

/** @throws {GrandstandError} `forbidden` for a user and the direct room of two others. */
export function checkDirect(room: string, user: string): void {
  if (isDirect(room) && !directUsersOf(room)?.includes(user)) throw hidden();
}

/** How scripts know a caller: by the id of the user; an app's server is "". */
export function subjectOf(caller: Caller): string {
  return caller.kind === "user" ? caller.user.id : "";
}
