import { type Profile, profile as profileSchema } from "@grandstand/shared/user";

/** The profile in a record of a user whom the app's backend does not know. */
export const UNKNOWN = "unknown";

/** What a node knows of a user's profile. */
export interface KnownProfile {
  /** JSON; "null" for a user who has none; `UNKNOWN`; "" without a record. */
  text: string;
  profile: Profile | null;
  /** When it was stated, in ms since 1970. */
  sinceMs: number;
  /** When this node learned it, by `performance.now()`. */
  learnedAt: number;
  /** When its record is to be written or fetched again, by `performance.now()`. */
  renewAt: number;
  /** Whether a reply has waited for its first fetch; the next ones don't. */
  wasAwaited: boolean;
}

/** A record as the scripts reply it; "" for none. */
export function recordOf(record: string): { sinceMs: number; text: string } {
  const space = record.indexOf(" ");
  return space < 0
    ? { sinceMs: 0, text: "" }
    : { sinceMs: Number(record.slice(0, space)), text: record.slice(space + 1) };
}

/** The profile of a text; null for a text that holds none. */
export function profileIn(text: string): Profile | null {
  return text.startsWith("{") ? (JSON.parse(text) as Profile) : null;
}

/** Whether a text says how the user is shown. Otherwise, everything keeps the profile with which it was written. */
export function saysProfile(text: string): boolean {
  return text !== "" && text !== UNKNOWN;
}

export function textOf(profile: Profile | null): string {
  return profile === null ? "null" : JSON.stringify({ name: profile.name, avatar: profile.avatar });
}

/**
 * The profile in an answer of the app's backend, which may have more fields.
 * @throws {Error} that names what is wrong, without the answer
 */
export function profileOfAnswer(body: string): Profile {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new Error("the answer is not JSON");
  }
  const { name, avatar = null } = (answer ?? {}) as { name?: unknown; avatar?: unknown };
  const parsed = profileSchema.safeParse({ name, avatar });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new Error(`the answer's ${path.join(".") || "body"} is not valid: ${message}`);
}
