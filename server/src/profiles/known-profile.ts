import { type Profile, profile as profileSchema } from "@grandstand/shared/user";

/** Stored in place of a profile when the app's backend does not know the user. */
export const UNKNOWN = "unknown";

/** A user's profile in the cache of a node. */
export interface KnownProfile {
  /** The profile as JSON, "null" for a user without one; or `UNKNOWN`; or "" when Redis has no record. */
  text: string;
  profile: Profile | null;
  /**
   * When the profile was set, or when the credential with the profile was issued, in ms since 1970. Of two profiles, the
   * later one is valid.
   */
  sinceMs: number;
  /** When this node received the profile from Redis, by `performance.now()`. */
  cachedAt: number;
  /**
   * The time from which this node renews the record, by `performance.now()`:
   * - If profiles come from the app's backend, the next look-up in the cache requests a new fetch.
   * - Otherwise, the next credential with the same profile makes this node write the record to Redis again.
   */
  renewAt: number;
  /** Whether a reply has waited for the first fetch of this profile. Later replies do not wait again. */
  wasAwaited: boolean;
}

/** Parses a record, "<since> <profile>" (read.lua). "" stands for no record. */
export function recordOf(record: string): { sinceMs: number; text: string } {
  const space = record.indexOf(" ");
  return space < 0
    ? { sinceMs: 0, text: "" }
    : { sinceMs: Number(record.slice(0, space)), text: record.slice(space + 1) };
}

/** Parses the profile of a record; null when it is not JSON of a profile. */
export function profileIn(text: string): Profile | null {
  return text.startsWith("{") ? (JSON.parse(text) as Profile) : null;
}

/**
 * Whether a record says how to show the user. If it does not, an entry or message is shown with the profile that was
 * stored with it.
 */
export function saysProfile(text: string): boolean {
  return text !== "" && text !== UNKNOWN;
}

export function textOf(profile: Profile | null): string {
  return profile === null ? "null" : JSON.stringify({ name: profile.name, avatar: profile.avatar });
}

/**
 * The profile in a response of the app's backend, which may have more fields.
 * @throws {Error} that names what is wrong, without the response
 */
export function profileOfResponse(body: string): Profile {
  let response: unknown;
  try {
    response = JSON.parse(body);
  } catch {
    throw new Error("the response is not JSON");
  }
  const { name, avatar = null } = (response ?? {}) as { name?: unknown; avatar?: unknown };
  const parsed = profileSchema.safeParse({ name, avatar });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new Error(`the response's ${path.join(".") || "body"} is not valid: ${message}`);
}
