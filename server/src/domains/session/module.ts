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
          throw refused("bad_request", "cookie", "can be kept over REST only");
        const rights = rightsOf(input, call.caller, guestsAllowed);
        const { id, token, expiresAt } = await sessions.create(rights, {
          ttlMs: input.ttlMs,
          userAgent: call.userAgent,
          issuedAt: call.caller.kind === "user" ? call.caller.credential?.issuedAt : undefined,
        });
        try {
          // Only now: what is taken back between a look and the beginning would leave a session behind.
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
        const isTheirs =
          call.caller.kind === "server" || (call.caller.kind === "user" && owner === call.caller.user.id);
        if ((owner === null || !isTheirs) && !(await revocations.revokedBefore(call.idempotency))) {
          throw new GrandstandError("not_found", "There is no such session");
        }
        // Told first: who is told too early finds the session for a moment, who is never told would keep it.
        const at = await revocations.revoke("session", session, call.idempotency);
        if (owner !== null && isTheirs) await sessions.end(owner, session);
        return { session, revokedAt: toIsoTime(at) };
      },
    },
  };
}

/**
 * Whose session a caller begins, and with what rights.
 * @throws {GrandstandError} `bad_request` or `forbidden`
 */
function rightsOf(input: CreateInput, caller: Caller, guestsAllowed: boolean): SessionRights {
  const { name, user, role, caps } = input;
  if (caller.kind === "server") {
    if (name !== undefined) throw refused("bad_request", "name", "is for guests; user.name names a user");
    if (user === undefined) throw refused("bad_request", "user", "is required");
    return {
      user: { id: user.id, name: user.name ?? null, avatar: user.avatar ?? null, isGuest: false },
      role,
      caps,
    };
  }
  for (const field of ["user", "role", "caps"] as const) {
    if (input[field] !== undefined) throw refused("forbidden", field, "is for API keys");
  }
  if (caller.kind === "user") {
    if (name !== undefined) throw refused("bad_request", "name", "is for guests; a token has its user's");
    // Else whoever got hold of one session could have more of them that outlive it.
    if (!caller.credential?.id.startsWith("token:")) {
      throw new GrandstandError(
        "forbidden",
        "A session can't begin another one: this needs a token or an API key",
      );
    }
    return { user: caller.user, role: caller.role, caps: caller.caps };
  }
  if (!guestsAllowed) throw new GrandstandError("forbidden", "Guests are not allowed here");
  if (name === undefined) throw refused("bad_request", "name", "is required");
  return { user: { id: `guest-${randomUUID()}`, name, avatar: null, isGuest: true } };
}

/** @throws {GrandstandError} `bad_request` when a server names nobody, `forbidden` when a user names another. */
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
