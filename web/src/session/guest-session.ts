import type { createGuestSession } from "@grandstand/sdk";

/** What the browser remembers of a guest: who they are and the token that proves it. */
export type GuestSession = Pick<Awaited<ReturnType<typeof createGuestSession>>, "user" | "token">;

const storageKey = "grandstand.session";

/** The remembered session; null when there is none, or when what is stored is not one. */
export function readSession(): GuestSession | null {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "null") as Partial<GuestSession> | null;
    const isWhole = typeof stored?.token === "string" && typeof stored.user?.id === "string";
    return isWhole ? (stored as GuestSession) : null;
  } catch {
    return null;
  }
}

/** Storage may be full or forbidden; the session then lasts as long as the page. */
export function rememberSession(session: GuestSession): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(session));
  } catch {}
}

export function forgetSession(): void {
  try {
    localStorage.removeItem(storageKey);
  } catch {}
}
