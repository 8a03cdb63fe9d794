import { isMemberId } from "./id-patterns.js";

const DIRECT = "dm:";
const MAX_LENGTH = 128;

/** A user id that stands in the name of a direct room as it is. */
const plainId = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A user id as a part of a room's name. Any other than a plain one is `@` and its UTF-8 in base64url. */
function namePartOf(user: string): string {
  if (plainId.test(user)) return user;
  const binary = String.fromCharCode(...new TextEncoder().encode(user));
  return `@${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The user id that a part stands for; null when `namePartOf` gives no such part. */
function userOfPart(part: string): string | null {
  if (!part.startsWith("@")) return plainId.test(part) ? part : null;
  try {
    const binary = atob(part.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const user = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return namePartOf(user) === part && isMemberId(user) ? user : null;
  } catch {
    return null;
  }
}

/**
 * The room of two users, the same whichever comes first: `dm:<a>:<b>`.
 * @throws {RangeError} when there is no such room: it needs two different users, whose ids fit a room's name.
 */
export function directRoom(one: string, other: string): string {
  const room = DIRECT + [namePartOf(one), namePartOf(other)].sort().join(":");
  if (directUsersOf(room) === null || room.length > MAX_LENGTH) {
    throw new RangeError("a direct room needs two different users, with ids that fit its name");
  }
  return room;
}

export function isDirect(room: string): boolean {
  return room.startsWith(DIRECT);
}

/** The two users of a direct room; null when the name is no such room's. */
export function directUsersOf(room: string): [string, string] | null {
  const [one, other, ...rest] = room.slice(DIRECT.length).split(":");
  if (!isDirect(room) || one === undefined || other === undefined || rest.length > 0 || one >= other)
    return null;
  const users = [userOfPart(one), userOfPart(other)];
  return users.includes(null) ? null : (users as [string, string]);
}
