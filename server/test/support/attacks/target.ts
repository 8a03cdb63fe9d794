import type { Attack } from "./inputs.js";

/** A transport that a caller attacks. */
export interface Target {
  name: string;
  /** @returns what is wrong with the reply; null if it is valid, or if no reply can be expected */
  attack(attack: Attack): Promise<string | null>;
  /** Sends text that is not a call. */
  sendGarbage(text: string): Promise<void>;
  close(): Promise<void>;
}

/** The caller that attacks. */
export interface Attacker {
  name: string;
  token: string | null;
  /** The user id of the attacker; null when the attacker is not a user. */
  user: string | null;
}

/** Replaces `$me` in an input with the attacker's own id. */
export function withOwnId(text: string, { user }: Attacker): string {
  return text.replaceAll("$me", user ?? "nobody");
}
