import { z } from "zod";
import { displayName, memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { capabilities, role } from "../rights.js";
import { newUser, user } from "../user.js";

export const sessionId = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be the id of a session");

/** A session as its user sees it, say in a list of devices. */
export const session = z.object({
  id: sessionId,
  createdAt: timestamp,
  /** To within a minute. */
  lastSeenAt: timestamp,
  /** It ends then unless it is used before, which moves the end. */
  expiresAt: timestamp,
  /** Of the request that began it. */
  userAgent: z.string().nullable(),
  /** Whether this call was made with it. */
  isCurrent: z.boolean(),
});

export const sessionOperations = defineOperations({
  "session.create": {
    summary: "Begin a session: a guest's without credentials, a user's with an API key, one's own with a JWT",
    rest: { method: "POST", path: "/sessions", status: 201 },
    callers: "anyone",
    // Its answer is a secret: replaying it to whoever guesses the key would give the session away.
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      /** A guest's; needed for a guest, and for nobody else. */
      name: displayName.optional(),
      /** Whose session it is; for API keys. */
      user: newUser.optional(),
      /** For API keys. */
      role: role.optional(),
      /** For API keys. */
      caps: capabilities.optional(),
      /** How long the session lives without use. */
      ttlMs: z.int().min(limits.sessionTtlMs.least).max(limits.sessionTtlMs.most).optional(),
      /** REST only: the session is not shown, but kept in a cookie that scripts can't read. */
      cookie: z.boolean().optional(),
    }),
    output: z.object({
      /** Names the session in `session.list` and `session.revoke`. */
      id: sessionId,
      user,
      /** The bearer token, shown once; null when it went into a cookie. */
      token: z.string().nullable(),
      /** The session ends then unless it is used before, which moves the end. */
      expiresAt: timestamp,
    }),
    errors: ["forbidden"],
  },
  "session.list": {
    summary: "A user's sessions, the one that was used last first",
    rest: { method: "GET", path: "/sessions" },
    callers: "authenticated",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      /** Needed for API keys; a user has its own. */
      user: memberId.optional(),
    }),
    output: z.object({ sessions: z.array(session) }),
    errors: ["forbidden"],
  },
  "session.revoke": {
    summary: "End a session, and close its connections; one's own, or any with an API key",
    rest: { method: "DELETE", path: "/sessions/{session}" },
    callers: "authenticated",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ session: sessionId }),
    output: z.object({ session: sessionId, revokedAt: timestamp }),
    errors: ["not_found", "conflict"],
  },
});
