import { z } from "zod";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { scope } from "../rights.js";

const keyId = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be the id of an API key");

const keyName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit",
  );

/** An API key without its secret. */
export const apiKey = z.object({
  id: keyId,
  name: keyName,
  scopes: z.array(scope),
  createdAt: timestamp,
  /** Null when it has no end. */
  expiresAt: timestamp.nullable(),
});

export const keyOperations = defineOperations({
  "key.create": {
    summary: "Make an API key; the secret is shown this once",
    rest: { method: "POST", path: "/keys", status: 201 },
    callers: "server",
    // Its answer is a secret, as that of `session.create`.
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      /** Names the caller in logs. Only a key of that name, or one with all scopes, can use a name again. */
      name: keyName,
      /** None but those of the key that makes it. */
      scopes: z.array(scope).min(1).max(limits.scopesPerKey).default(["*"]),
      expiresAt: timestamp.optional(),
    }),
    output: z.object({ key: apiKey, secret: z.string() }),
    errors: ["forbidden", "conflict"],
  },
  "key.list": {
    summary: "The API keys that were made here, without those of the settings",
    rest: { method: "GET", path: "/keys" },
    callers: "server",
    isWrite: false,
    cost: 5,
    input: z.strictObject({}),
    output: z.object({ keys: z.array(apiKey) }),
    errors: [],
  },
  "key.revoke": {
    summary: "End an API key, and close its connections",
    rest: { method: "DELETE", path: "/keys/{key}" },
    callers: "server",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ key: keyId }),
    output: z.object({ key: keyId, revokedAt: timestamp }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type ApiKey = z.infer<typeof apiKey>;
