import { isMemberId } from "./id-patterns.js";

const DIRECT = "dm:";
const MAX_LENGTH = 128;

/** A user id that a direct room's name contains without encoding. */
const plainId = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Encodes a user id for a room's name: a plain id as it is, any other as `@` and its UTF-8 in base64url. */
function namePartOf(user: string): string {
  if (plainId.test(user)) return user;
  const binary = String.fromCharCode(...new TextEncoder().encode(user));
  return `@${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Decodes a part of a room's name; null when it is not an output of `namePartOf`. */
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
 * The direct room of two users, `dm:<a>:<b>`. The order of the arguments does not matter.
 * @throws {RangeError} when the users are the same, or the ids are invalid or too long for a room's name
 */
export function directRoom(one: string, other: string): string {
  const room = DIRECT + [namePartOf(one), namePartOf(other)].sort().join(":");
  if (directUsersOf(room) === null || room.length > MAX_LENGTH) {
    throw new RangeError(
      "A direct room needs two different users with valid ids that are short enough for its name",
    );
  }
  return room;
}

export function isDirect(room: string): boolean {
  return room.startsWith(DIRECT);
}

/** The two users of a direct room; null for any other name. */
export function directUsersOf(room: string): [string, string] | null {
  const [one, other, ...rest] = room.slice(DIRECT.length).split(":");
  if (!isDirect(room) || one === undefined || other === undefined || rest.length > 0 || one >= other)
    return null;
  const users = [userOfPart(one), userOfPart(other)];
  return users.includes(null) ? null : (users as [string, string]);
}
