import { useSyncExternalStore } from "react";

const storageKey = "grandstand.friends";
/** The most friends. One lookup on the board takes 100 members: these friends and the player. */
const MOST_FRIENDS = 99;

/** The ids of the visitor's friends, which this browser stores. */
let friends: readonly string[] = read();
const listeners = new Set<() => void>();

export function useFriends(): readonly string[] {
  return useSyncExternalStore(subscribe, () => friends);
}

/** Adds a friend, or removes one. If there are too many, the friend who was added first is dropped. */
export function toggleFriend(user: string): void {
  friends = friends.includes(user)
    ? friends.filter((friend) => friend !== user)
    : [...friends, user].slice(-MOST_FRIENDS);
  try {
    localStorage.setItem(storageKey, JSON.stringify(friends));
  } catch {
    // If the page may not use storage, the friends last until the page is closed.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(stored) ? stored.filter((user) => typeof user === "string") : [];
  } catch {
    return [];
  }
}
