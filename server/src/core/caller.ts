import type { Right } from "@grandstand/shared/access";
import type { User } from "@grandstand/shared/user";

/** An entry of a token's `caps`: rights on the channels that match one of the patterns. */
export interface Capability {
  /** Patterns such as `chat:team-*`. */
  channels: readonly string[];
  allow: readonly Right[];
}

/** What a caller presented. A revocation refers to it. */
export interface Credential {
  /** Identifies the credential without revealing it: `session:<id>`, `key:<id>`, `token:<user>`. */
  id: string;
  /** When it expires, in ms since 1970; null when it does not, or its use renews it. */
  expiresAt: number | null;
  /** When it was issued, in ms since 1970; 0 when unknown. */
  issuedAt: number;
  /** The TTL that each use renews, for a session. */
  slidesMs?: number;
}

/** The authenticated identity of a call. `nobody` may only call operations declared with `callers: "anyone"`. */
export type Caller =
  | { kind: "nobody" }
  /** A server with an API key. Without `scopes` it may call everything. */
  | { kind: "server"; keyName: string; scopes?: readonly string[]; credential?: Credential }
  /** Without `caps` a user has the rights of every user. */
  | {
      kind: "user";
      user: User;
      role?: string;
      caps?: readonly Capability[];
      credential?: Credential;
    };

/** Identifies a caller in idempotency scopes and logs. Unique per caller. */
export function callerId(caller: Caller): string {
  if (caller.kind === "user") return `user:${caller.user.id}`;
  return caller.kind === "server" ? `server:${caller.keyName}` : "nobody";
}

/** The credential of a caller; undefined for nobody. */
export function credentialOf(caller: Caller): Credential | undefined {
  return caller.kind === "nobody" ? undefined : caller.credential;
}

/** When a caller's credential expires, in ms since 1970; null when it does not. */
export function endOf(caller: Caller): number | null {
  return credentialOf(caller)?.expiresAt ?? null;
}
