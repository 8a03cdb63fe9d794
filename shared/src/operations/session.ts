import { z } from "zod";
import { displayName, memberId } from "../ids.js";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { capabilities, role } from "../rights.js";
import { newUser, user } from "../user.js";

export const sessionId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "must be the id of a session")
  .meta({ id: "SessionId", description: "The id of a session." });

/** A session without its token, for a list of devices. */
export const session = z
  .object({
    id: sessionId,
    createdAt: timestamp.describe("When it was created."),
    lastSeenAt: timestamp.describe("When the session was last used, to within a minute."),
    expiresAt: timestamp.describe("When the session expires. Each use moves this time."),
    userAgent: z
      .string()
      .nullable()
      .describe("The `User-Agent` of the request that created the session, or null."),
    isCurrent: z.boolean().describe("Whether this call used the session."),
  })
  .meta({ id: "Session", description: "A session of a user." });

export const sessionOperations = defineOperations({
  "session.create": {
    summary:
      "Create a session: for a guest without a credential, for any user with an API key, for the caller with a JWT",
    rest: { method: "POST", path: "/sessions", status: 201 },
    callers: "anyone",
    access: "write",
    // False, so that no reply is stored under an idempotency key: the reply contains a secret.
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      name: displayName
        .optional()
        .describe("The name of a guest. Required for guests; refused for all other callers."),
      user: newUser.optional().describe("The user of the session; for API keys only."),
      role: role.optional().describe("The role of the user; for API keys only."),
      caps: capabilities.optional().describe("What the user may do on which channels; for API keys only."),
      ttlMs: z
        .int()
        .min(limits.sessionTtlMs.least)
        .max(limits.sessionTtlMs.most)
        .optional()
        .describe("How long the session lives without use."),
      cookie: z
        .boolean()
        .optional()
        .describe("REST only: return the token in a cookie that scripts can't read."),
    }),
    output: z.object({
      id: sessionId.describe("The id of the session, for `session.list` and `session.revoke`."),
      user,
      token: z
        .string()
        .nullable()
        .describe("The bearer token, shown only here; null when it is in a cookie."),
      expiresAt: timestamp.describe("When the session expires. Each use moves this time."),
    }),
    errors: ["forbidden"],
  },
  "session.list": {
    summary: "List the sessions of a user, most recently used first",
    rest: { method: "GET", path: "/sessions" },
    callers: "authenticated",
    access: "read",
    isWrite: false,
    cost: 2,
    input: z.strictObject({
      user: memberId.optional().describe("The user. Required for an API key; a user lists its own sessions."),
    }),
    output: z.object({ sessions: z.array(session).describe("The sessions, most recently used first.") }),
    errors: ["forbidden"],
  },
  "session.revoke": {
    summary: "Revoke a session and close its connections; users revoke their own sessions, API keys any",
    rest: { method: "DELETE", path: "/sessions/{session}" },
    callers: "authenticated",
    access: "write",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ session: sessionId }),
    output: z.object({ session: sessionId, revokedAt: timestamp.describe("When it was revoked.") }),
    errors: ["not_found", "conflict"],
  },
});
