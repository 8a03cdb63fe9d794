import type { Right } from "@grandstand/shared/access";
import type { User } from "@grandstand/shared/user";

/** What a token says that its user may do on the channels that match one of some patterns. */
export interface Capability {
  /** As in `chat:team-*`; `*` stands for any characters. */
  channels: readonly string[];
  allow: readonly Right[];
}

/** What a caller presented, by which its rights can be taken back. */
export interface Credential {
  /** Names it without giving it away: `session:<id>`, `key:<id>`, `token:<user>`. */
  id: string;
  /** When it ends, in ms since 1970; null when it has no end, or its use moves the end. */
  expiresAt: number | null;
  /** When it was issued, in ms since 1970; 0 when it does not say. */
  issuedAt: number;
  /** How far its use moves the end, for one that has no end of its own. */
  slidesMs?: number;
}

/** Who makes a call. Only what `callers: "anyone"` declares can be called by nobody. */
export type Caller =
  | { kind: "nobody" }
  /** An app's own server, with an API key. Without `scopes` it may call everything. */
  | { kind: "server"; keyName: string; scopes?: readonly string[]; credential?: Credential }
  /** Without `caps` it may do what every user may. */
  | {
      kind: "user";
      user: User;
      role?: string;
      caps?: readonly Capability[];
      credential?: Credential;
    };

/** Names a caller in scopes and logs; no two callers share it. */
export function callerId(caller: Caller): string {
  if (caller.kind === "user") return `user:${caller.user.id}`;
  return caller.kind === "server" ? `server:${caller.keyName}` : "nobody";
}

/** What a caller presented; undefined for nobody, and for whom nothing can be taken back. */
export function credentialOf(caller: Caller): Credential | undefined {
  return caller.kind === "nobody" ? undefined : caller.credential;
}

/** When a caller's credentials end, in ms since 1970; null when they have no end of their own. */
export function endOf(caller: Caller): number | null {
  return credentialOf(caller)?.expiresAt ?? null;
}
