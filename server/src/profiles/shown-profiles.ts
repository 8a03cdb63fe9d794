import type { Profile } from "@grandstand/shared/user";
import type { Caller } from "../core/caller.js";

/** Puts the present profiles of users into what clients receive. */
export interface ShownProfiles {
  /**
   * Replaces the profiles in a reply, a snapshot or publications by the present ones. What has no present one keeps the
   * profile with which it was written.
   * @returns null when that is done; otherwise it is done once the promise resolves. It never rejects.
   */
  show(value: unknown): Promise<void> | null;
  /** The same with the profiles that this node knows. The others are read, and listeners learn what was wrong. */
  showKnown(value: unknown, onUser: (user: string) => void): void;
  /** A caller presented a credential, which may name the user in a new way. */
  note(caller: Caller): void;
  /** Calls back whenever a profile differs from what this node has shown. */
  onChanged(listener: ProfileListener): void;
}

/** The present profiles of the users whom an answer shows, in order. */
export interface ProfileTexts {
  /** The JSON of one; null when the answer keeps the profile that is stored with what it shows. */
  of(at: number): string | null;
  /** Whether an answer would show the same now. */
  isCurrent(): boolean;
}

/** @param isRename false for a user who had no profile of its own before */
export type ProfileListener = (user: string, profile: Profile | null, isRename: boolean) => void;

/** Everything keeps the profile with which it was written. */
export const noProfiles: ShownProfiles = {
  show: () => null,
  showKnown: () => {},
  note: () => {},
  onChanged: () => {},
};
