import type { ChatSanctions } from "@grandstand/shared/operations/chat";

/** How moderate.lua writes an end that never comes. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** The end of a mute or a ban as a script tells it; null when there is none. */
export function momentOf(untilMs: string | undefined): string | null {
  const ms = Number(untilMs ?? 0);
  return ms === 0 || ms >= FOREVER ? null : new Date(ms).toISOString();
}

/** Reads what moderate.lua returns behind its status. */
export function sanctionsOf(user: string, [muted, banned]: string[]): ChatSanctions {
  return {
    user,
    muted: muted !== "0",
    mutedUntil: momentOf(muted),
    banned: banned !== "0",
    bannedUntil: momentOf(banned),
  };
}
