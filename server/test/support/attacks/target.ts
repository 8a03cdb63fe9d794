import type { Attack } from "./inputs.js";

/** One transport under attack, by one caller. */
export interface Target {
  name: string;
  /** @returns what is wrong with the answer; null for one as it should be, or none where none can come. */
  attack(attack: Attack): Promise<string | null>;
  /** Sends what is no call at all. */
  junk(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Who attacks. */
export interface Attacker {
  name: string;
  token: string | null;
  /** The id of its user; null for none. */
  user: string | null;
}

/** The attacker's own id, where an input has a place for it. */
export function aimed(text: string, { user }: Attacker): string {
  return text.replaceAll("$me", user ?? "nobody");
}
