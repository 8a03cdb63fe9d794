import { z } from "zod";
import { timestamp } from "../json.js";
import { limits } from "../limits.js";
import { defineOperations } from "../operation.js";
import { scope } from "../rights.js";

const keyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "must be the id of an API key")
  .meta({ id: "ApiKeyId", description: "The id of an API key." });

const keyName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit",
  );

/** An API key without its secret. */
export const apiKey = z
  .object({
    id: keyId,
    name: keyName.describe("The name of the key."),
    scopes: z.array(scope).describe("What the key may do."),
    createdAt: timestamp.describe("When it was created."),
    expiresAt: timestamp.nullable().describe("When the key expires; null when it has no end."),
  })
  .meta({ id: "ApiKey", description: "An API key without its secret." });

export const keyOperations = defineOperations({
  "key.create": {
    summary: "Create an API key; only this reply has the secret",
    rest: { method: "POST", path: "/keys", status: 201 },
    callers: "server",
    access: "write",
    // The reply has a secret, so the reply must not be stored and replayed under an idempotency key.
    isWrite: false,
    cost: 5,
    input: z.strictObject({
      name: keyName.describe(
        "The name of the key in logs. Only a key of the same name, or a key with all scopes, can reuse a name.",
      ),
      scopes: z
        .array(scope)
        .min(1)
        .max(limits.scopesPerKey)
        .default(["*"])
        .describe("What the key may do. The calling key must have each of these scopes."),
      expiresAt: timestamp.optional().describe("When the key expires. No end when not given."),
    }),
    output: z.object({
      key: apiKey.describe("The key without its secret."),
      secret: z.string().describe("The secret. No other reply contains it."),
    }),
    errors: ["forbidden", "conflict"],
  },
  "key.list": {
    summary: "List the API keys created with `key.create`; keys in the settings are not included",
    rest: { method: "GET", path: "/keys" },
    callers: "server",
    access: "read",
    isWrite: false,
    cost: 5,
    input: z.strictObject({}),
    output: z.object({ keys: z.array(apiKey).describe("The keys.") }),
    errors: [],
  },
  "key.revoke": {
    summary: "Revoke an API key and close its connections",
    rest: { method: "DELETE", path: "/keys/{key}" },
    callers: "server",
    access: "write",
    isWrite: true,
    cost: 2,
    input: z.strictObject({ key: keyId }),
    output: z.object({ key: keyId, revokedAt: timestamp.describe("When it was revoked.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});

export type ApiKey = z.infer<typeof apiKey>;
