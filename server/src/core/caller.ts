import type { Right } from "@grandstand/shared/access";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Profile, User } from "@grandstand/shared/user";

/** An entry of a token's `caps`: rights on the channels that match one of the patterns. */
export interface Capability {
  /** Patterns such as `chat:team-*`, in which `*` stands for any characters. */
  channels: readonly string[];
  allow: readonly Right[];
}

/** What a node remembers of the credential of a caller, to check its expiry and its revocation. */
export interface Credential {
  /** `session:<id>`, `key:<id>` or `token:<user>`. Contains no secret. */
  id: string;
  /** The expiry in ms since 1970; null for a credential without expiry, or for one that each use extends. */
  expiresAt: number | null;
  /** The expiry by `performance.now()`, computed at the first use on this node. The wall clock may be set back later. */
  expiresAtMonotonicMs?: number;
  /** When the credential was issued, in ms since 1970; 0 when unknown. */
  issuedAt: number;
  /** The TTL of a session. Each use of the session renews the TTL. */
  slidesMs?: number;
}

/** The identity of a call. `nobody` may only call operations that declare `callers: "anyone"`. */
export type Caller =
  | { kind: "nobody" }
  /**
   * A server with an API key. Without `scopes` it may call everything. `isOperator` marks calls from the console, which are
   * audited.
   */
  | {
      kind: "server";
      keyName: string;
      scopes?: readonly string[];
      credential?: Credential;
      isOperator?: boolean;
    }
  /** A user. Without `caps`, the user has the rights that every user has. */
  | {
      kind: "user";
      user: User;
      role?: string;
      caps?: readonly Capability[];
      /** Caps that hooks of the app added to those of the credential. */
      addedCaps?: readonly Capability[];
      credential?: Credential;
    };

/**
 * The name of a caller, under which the caller's idempotency keys are stored. The idempotency keys of two users never
 * collide. API keys of the same name share their idempotency keys.
 */
export function callerId(caller: Caller): string {
  if (caller.kind === "user") return `user:${caller.user.id}`;
  return caller.kind === "server" ? `server:${caller.keyName}` : "nobody";
}

/** The credential of a caller; undefined for nobody, and for a caller that the node itself creates, as in `erasureCall`. */
export function credentialOf(caller: Caller): Credential | undefined {
  return caller.kind === "nobody" ? undefined : caller.credential;
}

/** The expiry of a caller's credential in ms since 1970; null if no fixed time is known. */
export function endOf(caller: Caller): number | null {
  return credentialOf(caller)?.expiresAt ?? null;
}

/**
 * How long a caller's credential is still valid: by the wall clock or by the monotonic clock, whichever is shorter.
 * Null if the credential has no fixed expiry.
 */
export function leftMsOf(caller: Caller): number | null {
  const { expiresAt = null, expiresAtMonotonicMs } = credentialOf(caller) ?? {};
  if (expiresAt === null) return null;
  const byWallClock = expiresAt - Date.now();
  if (expiresAtMonotonicMs === undefined) return byWallClock;
  return Math.min(byWallClock, expiresAtMonotonicMs - performance.now());
}

/**
 * The user who makes a call.
 * @param deed completes the error text `Only users ...`
 * @throws {GrandstandError} `forbidden` when the caller is no user
 */
export function userOf(caller: Caller, deed: string): User {
  if (caller.kind === "user") return caller.user;
  throw new GrandstandError("forbidden", `Only users ${deed}`);
}

/** A caller's profile as others see it; null for servers and for users without a name. */
export function profileOf(caller: Caller): Profile | null {
  if (caller.kind !== "user" || caller.user.name === null) return null;
  return { name: caller.user.name, avatar: caller.user.avatar };
}

/**
 * Refuses an input with a profile if the caller is a user. Only servers may send profiles. A user's profile comes from
 * the user's token.
 * @param stated the profile in the input
 * @throws {GrandstandError} `forbidden` that names the field `profile`
 */
export function checkStatedProfile(caller: Caller, stated: Profile | null | undefined): void {
  if (caller.kind !== "user" || stated === undefined) return;
  throw new GrandstandError("forbidden", "Only a server with an API key may state a profile", {
    issues: [{ path: "profile", rule: "server", message: "may be given by API keys only" }],
  });
}

/**
 * Where a client presented a token. Clients send a header on purpose. Browsers send a cookie with every request, even
 * after the session has ended.
 */
export type CredentialSource = "header" | "cookie";

/** A token that a client presented. */
export interface PresentedCredential {
  token: string;
  source: CredentialSource;
}
