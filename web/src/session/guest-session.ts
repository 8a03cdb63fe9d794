import type { createGuestSession } from "@grandstand/sdk";

/** What the browser stores of a guest: the user and the session token. */
export type GuestSession = Pick<Awaited<ReturnType<typeof createGuestSession>>, "user" | "token">;

const storageKey = "grandstand.session";

/** The stored session; null if there is none or it is malformed. */
export function readSession(): GuestSession | null {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "null") as Partial<GuestSession> | null;
    const isValid = typeof stored?.token === "string" && typeof stored.user?.id === "string";
    return isValid ? (stored as GuestSession) : null;
  } catch {
    return null;
  }
}

/** Stores the session. If storage is full or disabled, the session lasts until the page is closed. */
export function storeSession(session: GuestSession): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(session));
  } catch {}
}

export function deleteSession(): void {
  try {
    localStorage.removeItem(storageKey);
  } catch {}
}
