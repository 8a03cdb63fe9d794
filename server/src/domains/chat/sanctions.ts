import type { ChatSanctions } from "@grandstand/shared/operations/chat";

/** How moderate.lua writes the end of a sanction without an end. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** The end of a mute or a ban, from a script's reply; null when it has none. */
export function endOfSanction(untilMs: string | undefined): string | null {
  const ms = Number(untilMs ?? 0);
  return ms === 0 || ms >= FOREVER ? null : new Date(ms).toISOString();
}

/** The sanctions of a user, from the reply of moderate.lua. */
export function sanctionsOf(user: string, mutedUntilMs: string, bannedUntilMs: string): ChatSanctions {
  return {
    user,
    muted: mutedUntilMs !== "0",
    mutedUntil: endOfSanction(mutedUntilMs),
    banned: bannedUntilMs !== "0",
    bannedUntil: endOfSanction(bannedUntilMs),
  };
}
