import type { Profile } from "@grandstand/shared/user";
import type { Caller } from "../core/caller.js";

/** Puts the current profiles of users into what clients receive. */
export interface ShownProfiles {
  /**
   * Replaces the profiles in a reply, a snapshot or publications by the users' current ones. If a user has no current
   * profile, the one that was stored with the entry or message stays.
   * @returns null when the profiles are replaced already; else a promise that resolves when they are, and never rejects
   */
  show(value: unknown): Promise<void> | null;
  /**
   * Replaces the profiles of those users whose current profile is in this node's cache. It reads the current profiles of
   * the other users afterwards, and calls the listeners (`onChanged`) for each profile that differs from the shown
   * one.
   * @param onUser called for each user whom the value shows
   */
  showKnown(value: unknown, onUser: (user: string) => void): void;
  /**
   * Takes the profile that a caller's credential contains, and stores it if it is new or due for renewal. Does nothing if
   * profiles come from the app's backend.
   */
  note(caller: Caller): void;
  /** Registers a listener, which is called when a profile differs from what this node has shown. */
  onChanged(listener: ProfileListener): void;
}

/** The current profiles of the users in a list of entries, in the same order. */
export interface ProfileTexts {
  /** The profile at an index as JSON; null to show the profile that is stored with the entry. */
  of(at: number): string | null;
  /** Whether these are still the current profiles. */
  isCurrent(): boolean;
}

/** @param isRename true if this node has shown another profile of the user; false if it has shown none */
export type ProfileListener = (user: string, profile: Profile | null, isRename: boolean) => void;

/** Replaces no profile. */
export const noProfiles: ShownProfiles = {
  show: () => null,
  showKnown: () => {},
  note: () => {},
  onChanged: () => {},
};
