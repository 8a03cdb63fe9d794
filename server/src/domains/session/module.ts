import { randomUUID } from "node:crypto";
import type { ParsedInputOf } from "@grandstand/shared/contract";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";
import type { Identity } from "../../auth/identity.js";
import type { SessionRights } from "../../auth/sessions.js";
import { type Caller, credentialOf } from "../../core/caller.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainModule } from "../shared/module.js";

type CreateInput = ParsedInputOf<"session.create">;

export function sessionModule({
  sessions,
  authenticator,
  revocations,
  guestsAllowed,
}: Identity): DomainModule<"session"> {
  return {
    eraseUser: async (user) => {
      const found = await sessions.list(user);
      await sessions.endAllOf(user, Number.POSITIVE_INFINITY);
      return { sessions: found.length };
    },

    exportUser: async (user) => {
      const found = await sessions.list(user);
      return { lines: found.map((session) => ({ kind: "session", ...session })), nextCursor: null };
    },

    operations: {
      "session.create": async (input, call) => {
        if (input.cookie && call.connection)
          throw refused("bad_request", "cookie", "can only be set over REST");
        const rights = rightsOf(input, call.caller, guestsAllowed);
        const { id, token, expiresAt } = await sessions.create(rights, {
          ttlMs: input.ttlMs,
          userAgent: call.userAgent,
          issuedAt: call.caller.kind === "user" ? call.caller.credential?.issuedAt : undefined,
        });
        try {
          // Checks the caller's credential again, now that the session exists: a revocation between the first check
          // and the creation could not end the session.
          await authenticator.confirm(call.caller);
        } catch (error) {
          await sessions.end(rights.user.id, id);
          throw error;
        }
        return { id, user: rights.user, token, expiresAt: expiresAt.toISOString() };
      },

      "session.list": async ({ user }, call) => {
        const found = await sessions.list(userOf(call.caller, user));
        const current = credentialOf(call.caller)?.id;
        return {
          sessions: found.map((session) => ({ ...session, isCurrent: `session:${session.id}` === current })),
        };
      },

      "session.revoke": async ({ session }, call) => {
        const owner = await sessions.userOf(session);
        const mayRevoke =
          call.caller.kind === "server" || (call.caller.kind === "user" && owner === call.caller.user.id);
        if ((owner === null || !mayRevoke) && !(await revocations.revokedBefore(call.idempotency))) {
          throw new GrandstandError("not_found", "There is no such session");
        }
        // The revocation is published before the session is deleted. If the node stopped after a deletion without a
        // published revocation, the other nodes would still accept the session from their caches.
        const at = await revocations.revoke("session", session, call.idempotency);
        if (owner !== null && mayRevoke) await sessions.end(owner, session);
        return { session, revokedAt: toIsoTime(at) };
      },
    },
  };
}

/**
 * The user and the rights of the session that a caller creates.
 * @throws {GrandstandError} `bad_request` or `forbidden`
 */
function rightsOf(input: CreateInput, caller: Caller, guestsAllowed: boolean): SessionRights {
  const { name, user, role, caps } = input;
  if (caller.kind === "server") {
    if (name !== undefined) throw refused("bad_request", "name", "is for guests: set user.name instead");
    if (user === undefined) throw refused("bad_request", "user", "is required");
    return {
      user: { id: user.id, name: user.name ?? null, avatar: user.avatar ?? null, isGuest: false },
      role,
      caps,
    };
  }
  for (const field of ["user", "role", "caps"] as const) {
    if (input[field] !== undefined) throw refused("forbidden", field, "can only be set with an API key");
  }
  if (caller.kind === "user") {
    if (name !== undefined) {
      throw refused("bad_request", "name", "is for guests: the JWT has the name of the user");
    }
    // A session must not create sessions: a stolen session could create ones that outlive it.
    if (!caller.credential?.id.startsWith("token:")) {
      throw new GrandstandError(
        "forbidden",
        "A session cannot create another one: this needs a JWT or an API key",
      );
    }
    return { user: caller.user, role: caller.role, caps: caller.caps };
  }
  if (!guestsAllowed) throw new GrandstandError("forbidden", "Guests are not allowed here");
  if (name === undefined) throw refused("bad_request", "name", "is required");
  return { user: { id: `guest-${randomUUID()}`, name, avatar: null, isGuest: true } };
}

/**
 * The user whose sessions are listed: a user lists its own, a server names the user.
 * @throws {GrandstandError} `bad_request` when a server names no user, `forbidden` when a user names another user
 */
function userOf(caller: Caller, named: string | undefined): string {
  if (caller.kind === "user") {
    if (named !== undefined && named !== caller.user.id)
      throw refused("forbidden", "user", "must be your own id");
    return caller.user.id;
  }
  if (named === undefined) throw refused("bad_request", "user", "is required");
  return named;
}

function refused(code: ErrorCode, path: string, message: string): GrandstandError {
  return new GrandstandError(code, `${path} ${message}`, { issues: [{ path, rule: "caller", message }] });
}
