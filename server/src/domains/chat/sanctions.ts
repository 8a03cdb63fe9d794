import type { ChatSanctions } from "@grandstand/shared/operations/chat";

/** What moderate.lua writes as the end of a permanent sanction. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** Decodes the end of a mute or a ban in a script's reply. Null when there is no sanction, or it is permanent. */
export function endOfSanction(untilMs: string | undefined): string | null {
  const ms = Number(untilMs ?? 0);
  return ms === 0 || ms >= FOREVER ? null : new Date(ms).toISOString();
}

/** Decodes the reply of moderate.lua. */
export function sanctionsOf(user: string, mutedUntilMs: string, bannedUntilMs: string): ChatSanctions {
  return {
    user,
    muted: mutedUntilMs !== "0",
    mutedUntil: endOfSanction(mutedUntilMs),
    banned: bannedUntilMs !== "0",
    bannedUntil: endOfSanction(bannedUntilMs),
  };
}
